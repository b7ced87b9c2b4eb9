// The operations of neighbour_ops.hpp through Torch's own, differentiated by Torch: for devices that src/kernels does not know. They hold [N, k, C]
// tensors in memory.
#pragma once

#include <torch/types.h>

namespace stationhit::models::aten {

[[nodiscard]] torch::Tensor max_message(const torch::Tensor& joint, const torch::Tensor& neighbours, double slope);
[[nodiscard]] torch::Tensor sum_message(const torch::Tensor& joint, const torch::Tensor& neighbours, double slope, bool mean);
[[nodiscard]] torch::Tensor gather_neighbours(const torch::Tensor& values, const torch::Tensor& neighbours);
[[nodiscard]] torch::Tensor attend_neighbours(const torch::Tensor& a, const torch::Tensor& b, const torch::Tensor& values,
                                              const torch::Tensor& neighbours);

}  // namespace stationhit::models::aten
