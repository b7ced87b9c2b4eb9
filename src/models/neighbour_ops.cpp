#include "neighbour_ops.hpp"

#include <cassert>
#include <cstdint>

#include <torch/torch.h>

#include <stationhit/kernels/attention.hpp>
#include <stationhit/kernels/messages.hpp>

#include "neighbour_ops_aten.hpp"
#include "tensor_views.hpp"

namespace stationhit::models {
namespace {

using kernels::MatrixView;
using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

// The halves of joint = [p | q].
template <class T>
MatrixView<T> own(const MatrixView<T>& joint) {
  return joint.columns_from(0, joint.columns / 2);
}
template <class T>
MatrixView<T> other(const MatrixView<T>& joint) {
  return joint.columns_from(joint.columns / 2, joint.columns / 2);
}

kernels::NeighbourTable table(const Tensor& neighbours) { return read<std::int32_t>(neighbours); }

kernels::Reduction reduction(bool mean) { return mean ? kernels::Reduction::mean : kernels::Reduction::sum; }

// Calls work(Real{}) with the type of the tensor.
template <class Work>
void for_real_type(const Tensor& tensor, Work&& work) {
  assert(tensor.scalar_type() == torch::kFloat || tensor.scalar_type() == torch::kDouble);
  tensor.scalar_type() == torch::kFloat ? work(float{}) : work(double{});
}

// Gradient of [p | q]: zero where the kernels add, which is cheaper than zeroing everything.
Tensor joint_gradient(const Tensor& gradient) {
  const auto width = gradient.size(1);
  Tensor result = torch::empty({gradient.size(0), 2 * width}, gradient.options());
  result.narrow(1, width, width).zero_();
  return result;
}

struct MaxMessage : torch::autograd::Function<MaxMessage> {
  static Tensor forward(AutogradContext* context, const Tensor& joint_values, const Tensor& neighbours, double slope) {
    const Tensor joint = with_dense_rows(joint_values);
    const Tensor result = torch::empty({joint.size(0), joint.size(1) / 2}, joint.options());
    const Tensor winner = torch::empty(result.sizes(), torch::kInt);
    for_real_type(joint, [&]<class Real>(Real) {
      const auto view = read<Real>(joint);
      kernels::max_message<Real>(table(neighbours), own(view), other(view), static_cast<Real>(slope), write<Real>(result),
                                 write<std::int32_t>(winner));
    });
    context->save_for_backward({winner});
    context->saved_data["slope"] = slope;
    return result;
  }

  static tensor_list backward(AutogradContext* context, const tensor_list& gradients) {
    const Tensor winner = context->get_saved_variables()[0], gradient = with_dense_rows(gradients[0]);
    const Tensor result = joint_gradient(gradient);
    for_real_type(gradient, [&]<class Real>(Real) {
      const auto slope = static_cast<Real>(context->saved_data["slope"].toDouble());
      const auto view = write<Real>(result);
      kernels::max_message_backward<Real>(read<std::int32_t>(winner), slope, read<Real>(gradient), own(view), other(view));
    });
    return {result, Tensor(), Tensor()};
  }
};

struct SumMessage : torch::autograd::Function<SumMessage> {
  static Tensor forward(AutogradContext* context, const Tensor& joint_values, const Tensor& neighbours, double slope, bool mean) {
    const Tensor joint = with_dense_rows(joint_values);
    const Tensor result = torch::empty({joint.size(0), joint.size(1) / 2}, joint.options());
    for_real_type(joint, [&]<class Real>(Real) {
      const auto view = read<Real>(joint);
      kernels::sum_message<Real>(table(neighbours), own(view), other(view), static_cast<Real>(slope), reduction(mean), write<Real>(result));
    });
    context->save_for_backward({joint, neighbours});
    context->saved_data["slope"] = slope;
    context->saved_data["mean"] = mean;
    return result;
  }

  static tensor_list backward(AutogradContext* context, const tensor_list& gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor gradient = with_dense_rows(gradients[0]);
    const Tensor result = joint_gradient(gradient);
    for_real_type(gradient, [&]<class Real>(Real) {
      const auto slope = static_cast<Real>(context->saved_data["slope"].toDouble());
      const auto joint = read<Real>(saved[0]);
      const auto view = write<Real>(result);
      kernels::sum_message_backward<Real>(table(saved[1]), own(joint), other(joint), slope, reduction(context->saved_data["mean"].toBool()),
                                          read<Real>(gradient), own(view), other(view));
    });
    return {result, Tensor(), Tensor(), Tensor()};
  }
};

struct Gather : torch::autograd::Function<Gather> {
  static Tensor forward(AutogradContext* context, const Tensor& values, const Tensor& neighbours) {
    const Tensor rows = with_dense_rows(values);
    const Tensor result = torch::empty({neighbours.size(0) * neighbours.size(1), rows.size(1)}, rows.options());
    for_real_type(rows, [&]<class Real>(Real) { kernels::gather<Real>(table(neighbours), read<Real>(rows), write<Real>(result)); });
    context->save_for_backward({neighbours});
    return result.view({neighbours.size(0), neighbours.size(1), rows.size(1)});
  }

  static tensor_list backward(AutogradContext* context, const tensor_list& gradients) {
    const Tensor neighbours = context->get_saved_variables()[0];
    const Tensor gradient = gradients[0].contiguous().view({-1, gradients[0].size(2)});
    const Tensor result = torch::zeros({neighbours.size(0), gradient.size(1)}, gradient.options());
    for_real_type(gradient, [&]<class Real>(Real) { kernels::gather_backward<Real>(table(neighbours), read<Real>(gradient), write<Real>(result)); });
    return {result, Tensor()};
  }
};

struct Attention : torch::autograd::Function<Attention> {
  static Tensor forward(AutogradContext* context, const Tensor& a_scores, const Tensor& b_scores, const Tensor& all_values,
                        const Tensor& neighbours) {
    const Tensor a = with_dense_rows(a_scores), b = with_dense_rows(b_scores), values = with_dense_rows(all_values);
    const Tensor result = torch::empty({values.size(0), values.size(1)}, values.options());
    const Tensor alpha = torch::empty({a.size(0), a.size(1) * (neighbours.size(1) + 1)}, values.options());
    for_real_type(values, [&]<class Real>(Real) {
      kernels::attend<Real>(table(neighbours), read<Real>(a), read<Real>(b), read<Real>(values), write<Real>(result), write<Real>(alpha));
    });
    context->save_for_backward({neighbours, a, b, values, alpha});
    return result;
  }

  static tensor_list backward(AutogradContext* context, const tensor_list& gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor gradient = with_dense_rows(gradients[0]);
    const Tensor a = torch::empty(saved[1].sizes(), gradient.options()), b = torch::zeros(saved[2].sizes(), gradient.options()),
                 values = torch::zeros(saved[3].sizes(), gradient.options());
    for_real_type(gradient, [&]<class Real>(Real) {
      const kernels::AttentionState<Real> state{table(saved[0]), read<Real>(saved[1]), read<Real>(saved[2]), read<Real>(saved[3]),
                                                read<Real>(saved[4])};
      kernels::attend_backward<Real>(state, read<Real>(gradient), write<Real>(a), write<Real>(b), write<Real>(values));
    });
    return {a, b, values, Tensor()};
  }
};

}  // namespace

Tensor as_neighbour_table(const Tensor& neighbours, [[maybe_unused]] std::int64_t n_nodes) {
  assert(neighbours.dim() == 2 && neighbours.size(0) == n_nodes && neighbours.size(1) >= 1);
  return neighbours.to(torch::kInt).contiguous();
}

Tensor max_message(const Tensor& joint, const Tensor& neighbours, double slope) {
  return joint.is_cpu() ? MaxMessage::apply(joint, neighbours, slope) : aten::max_message(joint, neighbours, slope);
}

Tensor sum_message(const Tensor& joint, const Tensor& neighbours, double slope, bool mean) {
  return joint.is_cpu() ? SumMessage::apply(joint, neighbours, slope, mean) : aten::sum_message(joint, neighbours, slope, mean);
}

Tensor gather_neighbours(const Tensor& values, const Tensor& neighbours) {
  return values.is_cpu() ? Gather::apply(values, neighbours) : aten::gather_neighbours(values, neighbours);
}

Tensor attend_neighbours(const Tensor& a, const Tensor& b, const Tensor& values, const Tensor& neighbours) {
  return values.is_cpu() ? Attention::apply(a, b, values, neighbours) : aten::attend_neighbours(a, b, values, neighbours);
}

}  // namespace stationhit::models
