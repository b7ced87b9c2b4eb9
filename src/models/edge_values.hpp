// What an EdgeConv knows about an edge besides its two ends: how the edge features differ.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <torch/types.h>

#include <stationhit/architecture/model_config.hpp>

#include "neighbor_ops.hpp"

namespace stationhit::models {

class EdgeValues {
 public:
  EdgeValues(const architecture::ModelConfig& config,
             const std::vector<std::string>& feature_names);

  [[nodiscard]] bool empty() const { return columns_.empty(); }

  // numbers: normalized, [N, C]. The values of edge n of node i with the neighbor j, one per edge
  // feature: sign(d) log(1 + |d|) edge_factor with d = (x_j - x_i) / edge_resolution; without
  // meaning where the table is padded. [N, k, E], constant. The edges must have a table.
  [[nodiscard]] torch::Tensor operator()(const torch::Tensor& numbers, const Edges& edges) const;

 private:
  std::vector<std::int64_t> columns_;  // of the numbers
};

}  // namespace stationhit::models
