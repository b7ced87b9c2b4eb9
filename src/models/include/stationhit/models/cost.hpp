// Size of a network and work of its forward pass, from the configuration alone. Free of Torch.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <stationhit/architecture/model_config.hpp>

namespace stationhit::models {

struct NetworkCost {
  // Work: multiplications and additions of matrix products and of weighted sums over neighbors, in
  // the factorized form in which the networks run.
  std::uint64_t parameters = 0;      // trainable numbers
  std::uint64_t flops_per_node = 0;  // work that is done once per node, ...
  std::uint64_t flops_per_edge = 0;  // ... once per edge, ...
  std::uint64_t flops_per_pair = 0;  // ... and once per pair of nodes of one group (self-attention)

  NetworkCost& operator+=(const NetworkCost& other);

  // pairs: sum of the squared sizes of the groups.
  [[nodiscard]] std::uint64_t flops(std::uint64_t nodes, std::uint64_t edges,
                                    std::uint64_t pairs) const {
    return flops_per_node * nodes + flops_per_edge * edges + flops_per_pair * pairs;
  }
};

// How the features become the encoded input: those that the network takes as numbers, and behind
// them those that it takes as codes.
struct EncodedLayout {
  std::vector<std::int64_t> numbers, codes;  // their columns among the features
  std::int64_t continuous = 0;  // columns of the encoded input: 2 C |S| (fourier, learned, linear),
                                // C more with hybrid, C without encoding; C numbers
  std::int64_t discrete = 0;    // ... and of the codes

  [[nodiscard]] std::int64_t width() const { return continuous + discrete; }
};
[[nodiscard]] EncodedLayout encoded_layout(const architecture::EncodingConfig& config,
                                           const std::vector<std::string>& feature_names);

// Scales of every band of edgeconv_attention: equally many, the first bands have one more where
// that cannot be.
[[nodiscard]] std::vector<std::int64_t> scales_per_band(std::int64_t scales, std::int64_t bands);

// Columns of the encoded numbers that every band of edgeconv_attention has: those of its scales.
[[nodiscard]] std::vector<std::int64_t> band_columns(const architecture::ModelConfig& config,
                                                     const EncodedLayout& layout);

// A part of a network in the order of its forward pass.
struct Stage {
  std::string name;         // as its tensors are called: "input", "blocks.0.attention", "head"
  std::string description;  // "EdgeConv 64 -> 64, mean over the neighbors"
  NetworkCost cost;
};
[[nodiscard]] std::vector<Stage> stages(const architecture::ModelConfig& config,
                                        const std::vector<std::string>& feature_names);

// The sum of the stages.
[[nodiscard]] NetworkCost cost(const architecture::ModelConfig& config,
                               const std::vector<std::string>& feature_names);

}  // namespace stationhit::models
