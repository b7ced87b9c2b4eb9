#include "encode.hpp"

#include <span>

#include <torch/torch.h>

#include <stationhit/kernels/encoding.hpp>

namespace stationhit::models {
namespace {

using torch::Tensor;

std::span<const float> values_of(const Tensor& tensor) {
  if (!tensor.defined()) return {};
  return {tensor.const_data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

}  // namespace

// [N, F] -> [N, |S|, 2, F] -> [N, 2 F |S|]
Tensor aten::encode(const InputConstants& constants, const Tensor& features) {
  const Tensor normalised = constants.mean.defined() ? (features - constants.mean) * constants.inv_std : features;
  if (!constants.frequencies.defined()) return normalised;
  const Tensor angles = normalised.unsqueeze(1) * constants.frequencies.view({1, -1, 1});
  return torch::stack({angles.sin(), angles.cos()}, 2).flatten(1);
}

Tensor encode(const InputConstants& constants, const Tensor& features) {
  const bool own_kernel =
      constants.frequencies.defined() && features.is_cpu() && features.scalar_type() == torch::kFloat && !features.requires_grad();
  if (!own_kernel) return aten::encode(constants, features);
  const Tensor dense = features.contiguous();
  const auto nodes = static_cast<std::size_t>(dense.size(0)), n_features = static_cast<std::size_t>(dense.size(1));
  const Tensor result = torch::empty({dense.size(0), 2 * dense.size(1) * constants.frequencies.size(0)}, dense.options());
  kernels::encode({dense.const_data_ptr<float>(), nodes, n_features},
                  {values_of(constants.mean), values_of(constants.inv_std), values_of(constants.frequencies)},
                  {result.data_ptr<float>(), static_cast<std::size_t>(result.numel())});
  return result;
}

}  // namespace stationhit::models
