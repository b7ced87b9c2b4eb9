// Architecture of a network. Free of Torch: the configuration and programs without Torch include it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace stationhit::models {

struct EncodingConfig {
  std::string type = "fourier";  // fourier | none
  std::int32_t base = 3;         // angles are x' * base^-s
  std::vector<std::int32_t> scales = {-6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6};

  bool operator==(const EncodingConfig&) const = default;
};

struct ModelConfig {
  std::string architecture = "edgeconv";  // mlp | edgeconv
  EncodingConfig encoding;
  std::int32_t width = 64;              // hidden features per hit
  std::int32_t blocks = 3;              // mlp: hidden layers; edgeconv: EdgeConv blocks
  std::int32_t message_layers = 1;      // linear layers of the EdgeConv message, 1 or 2
  std::string aggregation = "max";      // max | mean | sum
  std::string activation = "relu";      // relu | leaky_relu | gelu | silu (one message layer with max: relu or leaky_relu)
  bool residual = true;                 // add the input of a block to its output
  bool layer_norm = false;              // layer norm per hit at the input of a block
  std::vector<std::int32_t> head = {};  // hidden widths of the head, empty = one linear layer
  double dropout = 0.0;                 // after each block, training only

  bool operator==(const ModelConfig&) const = default;
};

}  // namespace stationhit::models
