// L2 norms of tensors.
#pragma once

#include <cmath>
#include <vector>

#include <torch/types.h>

namespace stationhit::training {

// Sum of the squares, in float64.
[[nodiscard]] inline double squared_norm(const torch::Tensor& tensor) {
  return tensor.detach().to(torch::kDouble).square().sum().item<double>();
}

// Of all together.
[[nodiscard]] inline double norm_of(const std::vector<torch::Tensor>& tensors) {
  double sum = 0;
  for (const torch::Tensor& tensor : tensors) sum += squared_norm(tensor);
  return std::sqrt(sum);
}

}  // namespace stationhit::training
