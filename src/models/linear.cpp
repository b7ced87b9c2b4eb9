#include "linear.hpp"

#include <torch/torch.h>

#include <stationhit/kernels/product.hpp>
#include <stationhit/models/aten_forms.hpp>

#include "tensor_views.hpp"

namespace stationhit::models {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

Tensor product(const kernels::Factor& a, const Tensor& b, const float* bias, const Tensor& like) {
  const Tensor result =
      torch::empty({static_cast<std::int64_t>(a.rows), b.size(1)}, like.options());
  kernels::multiply(a, read<float>(b), bias, write<float>(result));
  return result;
}

struct Linear : torch::autograd::Function<Linear> {
  static Tensor forward(AutogradContext* context, const Tensor& all_values, const Tensor& weight,
                        const std::optional<Tensor>& bias) {
    const Tensor values = with_dense_rows(all_values);
    context->save_for_backward({values, weight});
    context->saved_data["has_bias"] = bias.has_value();
    return product(read<float>(values), weight.t().contiguous(),
                   bias ? bias->const_data_ptr<float>() : nullptr, values);
  }

  static tensor_list backward(AutogradContext* context, const tensor_list& gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor gradient = with_dense_rows(gradients[0]);
    const auto view = read<float>(gradient);
    Tensor of_values, of_weight, of_bias;
    if (context->needs_input_grad(0))
      of_values = product(view, with_dense_rows(saved[1]), nullptr, gradient);
    if (context->needs_input_grad(1))
      of_weight = product(kernels::transposed(view), saved[0], nullptr, gradient);
    if (context->saved_data["has_bias"].toBool()) of_bias = gradient.sum(0);
    return {of_values, of_weight, of_bias};
  }
};

}  // namespace

Tensor apply_linear(const Tensor& values, const Tensor& weight, const std::optional<Tensor>& bias) {
  const bool own_kernel =
      runs_in_kernels(values) && values.scalar_type() == torch::kFloat && values.dim() == 2;
  return own_kernel ? Linear::apply(values, weight, bias) : torch::linear(values, weight, bias);
}

}  // namespace stationhit::models
