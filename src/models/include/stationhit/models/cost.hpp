// Size of a network and work of its forward pass, from the configuration alone. Free of Torch.
#pragma once

#include <cstdint>

#include <stationhit/models/model_config.hpp>

namespace stationhit::models {

struct NetworkCost {
  std::uint64_t parameters = 0;      // trainable numbers
  std::uint64_t flops_per_node = 0;  // multiplications and additions of the matrix products that are done once per node ...
  std::uint64_t flops_per_edge = 0;  // ... and once per edge, in the factorised form in which the networks run

  [[nodiscard]] std::uint64_t flops(std::uint64_t nodes, std::uint64_t edges) const { return flops_per_node * nodes + flops_per_edge * edges; }
};

// Width of the encoded input: 2 F |S| or F.
[[nodiscard]] std::int64_t encoded_width(const EncodingConfig& encoding, std::int64_t n_features);

[[nodiscard]] NetworkCost cost(const ModelConfig& config, std::int64_t n_features);

}  // namespace stationhit::models
