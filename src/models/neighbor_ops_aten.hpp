// The operations of neighbor_ops.hpp through Torch's own, differentiated by Torch: for devices
// that src/kernels does not know. They hold [N, k, C] tensors, or one of all pairs of a group, in
// memory.
#pragma once

#include "neighbor_ops.hpp"

namespace stationhit::models::aten {

[[nodiscard]] torch::Tensor max_message(const torch::Tensor& joint, const Edges& edges,
                                        double slope);
[[nodiscard]] torch::Tensor sum_message(const torch::Tensor& joint, const Edges& edges,
                                        double slope, bool mean);
[[nodiscard]] torch::Tensor gather_neighbors(const torch::Tensor& values,
                                             const torch::Tensor& table);
[[nodiscard]] torch::Tensor attend_neighbors(const torch::Tensor& a, const torch::Tensor& b,
                                             const torch::Tensor& values, const Edges& edges);

}  // namespace stationhit::models::aten
