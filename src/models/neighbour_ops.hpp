// Differentiable access to neighbours through a table [N, k] padded with -1: the only place where values travel along edges.
#pragma once

#include <torch/types.h>

namespace stationhit::models {

// int32, contiguous, on the CPU; asserts the shape.
[[nodiscard]] torch::Tensor as_neighbour_table(const torch::Tensor& neighbours, std::int64_t n_nodes);

// out[i, c] = max over the neighbours j of i of values[j, c], 0 for a node without neighbours. values: [N, C] -> [N, C].
// The gradient of a maximum goes to the first of equal neighbours.
[[nodiscard]] torch::Tensor neighbour_max(const torch::Tensor& values, const torch::Tensor& neighbours);

// out[i, n] = values[neighbours[i, n]], 0 where the table is padded. values: [N, C] -> [N, k, C].
[[nodiscard]] torch::Tensor gather_neighbours(const torch::Tensor& values, const torch::Tensor& neighbours);

}  // namespace stationhit::models
