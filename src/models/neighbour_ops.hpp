// Differentiable operations over neighbour tables [N, k] padded with -1: the only place where values travel along edges. On the CPU they run in
// src/kernels, on other devices through neighbour_ops_aten.hpp.
#pragma once

#include <torch/types.h>

namespace stationhit::models {

// int32 and contiguous; asserts the shape.
[[nodiscard]] torch::Tensor as_neighbour_table(const torch::Tensor& neighbours, std::int64_t n_nodes);

// joint = [p | q]: [N, 2 W] -> [N, W]. act(x) = x for x > 0, slope * x else, 0 <= slope <= 1. Nodes without neighbours get 0.
//   max_message: max over j in N(i) of act(p_i + q_j); the gradient of a maximum goes to the first of equal neighbours.
//   sum_message: sum or mean over j in N(i) of act(p_i + q_j).
[[nodiscard]] torch::Tensor max_message(const torch::Tensor& joint, const torch::Tensor& neighbours, double slope);
[[nodiscard]] torch::Tensor sum_message(const torch::Tensor& joint, const torch::Tensor& neighbours, double slope, bool mean);

// out[i, n] = values[neighbours[i, n]], 0 where the table is padded. values: [N, C] -> [N, k, C].
[[nodiscard]] torch::Tensor gather_neighbours(const torch::Tensor& values, const torch::Tensor& neighbours);

// Additive attention over the neighbours and the node itself (kernels/attention.hpp). a, b: [N, H]; values: [N, H D] -> [N, H D].
[[nodiscard]] torch::Tensor attend_neighbours(const torch::Tensor& a, const torch::Tensor& b, const torch::Tensor& values,
                                              const torch::Tensor& neighbours);

}  // namespace stationhit::models
