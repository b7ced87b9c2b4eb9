// Linear layers.
#pragma once

#include <optional>

#include <torch/nn/modules/linear.h>
#include <torch/types.h>

namespace stationhit::models {

// [N, in] -> [N, out]: values weight^T + bias, bias [out]. float32 on the CPU runs in
// kernels/product.hpp, forward and backward; the rest is Torch's.
[[nodiscard]] torch::Tensor apply_linear(const torch::Tensor& values, const torch::Tensor& weight,
                                         const std::optional<torch::Tensor>& bias = std::nullopt);
[[nodiscard]] inline torch::Tensor apply_linear(const torch::nn::Linear& layer,
                                                const torch::Tensor& values) {
  return apply_linear(values, layer->weight, layer->bias);
}

}  // namespace stationhit::models
