#include "neighbor_ops.hpp"

#include <cassert>
#include <cstdint>
#include <limits>

#include <torch/torch.h>

#include <stationhit/architecture/numerical_constants.hpp>
#include <stationhit/kernels/attention.hpp>
#include <stationhit/kernels/messages.hpp>
#include <stationhit/models/aten_forms.hpp>

#include "groups.hpp"
#include "neighbor_ops_aten.hpp"
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

kernels::NeighborTable table_view(const Tensor& table) { return read<std::int32_t>(table); }

kernels::Edges view(const Edges& edges) {
  if (edges.has_table()) return table_view(edges.table);
  return kernels::NodeGroups{
      {edges.offsets.const_data_ptr<std::int64_t>(), unsigned_size(edges.offsets.numel())}};
}

kernels::Reduction reduction(bool mean) {
  return mean ? kernels::Reduction::mean : kernels::Reduction::sum;
}

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
  static Tensor forward(AutogradContext* context, const Tensor& joint_values, const Edges& edges,
                        double slope) {
    const Tensor joint = with_dense_rows(joint_values);
    Tensor result = torch::empty({joint.size(0), joint.size(1) / 2}, joint.options());
    const Tensor winner = torch::empty(result.sizes(), torch::kInt);
    for_real_type(joint, [&]<class Real>(Real) {
      const auto values = read<Real>(joint);
      kernels::max_message<Real>(view(edges), own(values), other(values), static_cast<Real>(slope),
                                 write<Real>(result), write<std::int32_t>(winner));
    });
    context->save_for_backward({winner});
    context->saved_data["slope"] = slope;
    return result;
  }

  static tensor_list backward(AutogradContext* context, const tensor_list& gradients) {
    const Tensor winner = context->get_saved_variables()[0],
                 gradient = with_dense_rows(gradients[0]);
    const Tensor result = joint_gradient(gradient);
    for_real_type(gradient, [&]<class Real>(Real) {
      const auto slope = static_cast<Real>(context->saved_data["slope"].toDouble());
      const auto joint_result = write<Real>(result);
      kernels::max_message_backward<Real>(read<std::int32_t>(winner), slope, read<Real>(gradient),
                                          own(joint_result), other(joint_result));
    });
    return {result, Tensor(), Tensor()};
  }
};

struct SumMessage : torch::autograd::Function<SumMessage> {
  static Tensor forward(AutogradContext* context, const Tensor& joint_values, const Edges& edges,
                        double slope, bool mean) {
    const Tensor joint = with_dense_rows(joint_values);
    Tensor result = torch::empty({joint.size(0), joint.size(1) / 2}, joint.options());
    for_real_type(joint, [&]<class Real>(Real) {
      const auto values = read<Real>(joint);
      kernels::sum_message<Real>(view(edges), own(values), other(values), static_cast<Real>(slope),
                                 reduction(mean), write<Real>(result));
    });
    context->save_for_backward({joint, edges.table, edges.offsets});
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
      const auto joint_result = write<Real>(result);
      kernels::sum_message_backward<Real>(view({saved[1], saved[2]}), own(joint), other(joint),
                                          slope, reduction(context->saved_data["mean"].toBool()),
                                          read<Real>(gradient), own(joint_result),
                                          other(joint_result));
    });
    return {result, Tensor(), Tensor(), Tensor()};
  }
};

struct Gather : torch::autograd::Function<Gather> {
  static Tensor forward(AutogradContext* context, const Tensor& values, const Tensor& table) {
    const Tensor rows = with_dense_rows(values);
    const Tensor result =
        torch::empty({table.size(0) * table.size(1), rows.size(1)}, rows.options());
    for_real_type(rows, [&]<class Real>(Real) {
      kernels::gather<Real>(table_view(table), read<Real>(rows), write<Real>(result));
    });
    context->save_for_backward({table});
    return result.view({table.size(0), table.size(1), rows.size(1)});
  }

  static tensor_list backward(AutogradContext* context, const tensor_list& gradients) {
    const Tensor table = context->get_saved_variables()[0];
    const Tensor gradient = gradients[0].contiguous().view({-1, gradients[0].size(2)});
    const Tensor result = torch::zeros({table.size(0), gradient.size(1)}, gradient.options());
    for_real_type(gradient, [&]<class Real>(Real) {
      kernels::gather_backward<Real>(table_view(table), read<Real>(gradient), write<Real>(result));
    });
    return {result, Tensor()};
  }
};

template <class Real>
kernels::AttentionScores<Real> scores_of(const Tensor& a, const Tensor& b) {
  return {read<Real>(a), read<Real>(b), static_cast<Real>(architecture::attention_slope)};
}

struct Attention : torch::autograd::Function<Attention> {
  static Tensor forward(AutogradContext* context, const Tensor& a_scores, const Tensor& b_scores,
                        const Tensor& all_values, const Edges& edges) {
    const Tensor a = with_dense_rows(a_scores), b = with_dense_rows(b_scores),
                 values = with_dense_rows(all_values);
    Tensor result = torch::empty({values.size(0), values.size(1)}, values.options());
    const auto n_weights = kernels::attention_weights(view(edges), unsigned_size(a.size(1)));
    const Tensor alpha = torch::empty({static_cast<std::int64_t>(n_weights)}, values.options());
    for_real_type(values, [&]<class Real>(Real) {
      kernels::attend<Real>(view(edges), scores_of<Real>(a, b), read<Real>(values),
                            write<Real>(result), {alpha.data_ptr<Real>(), n_weights});
    });
    context->save_for_backward({edges.table, edges.offsets, a, b, values, alpha});
    return result;
  }

  static tensor_list backward(AutogradContext* context, const tensor_list& gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor gradient = with_dense_rows(gradients[0]);
    const Tensor a = torch::empty(saved[2].sizes(), gradient.options()),
                 b = torch::zeros(saved[3].sizes(), gradient.options()),
                 values = torch::zeros(saved[4].sizes(), gradient.options());
    for_real_type(gradient, [&]<class Real>(Real) {
      const kernels::AttentionState<Real> state{
          view({saved[0], saved[1]}),
          scores_of<Real>(saved[2], saved[3]),
          read<Real>(saved[4]),
          {saved[5].const_data_ptr<Real>(), unsigned_size(saved[5].numel())}};
      kernels::attend_backward<Real>(state, read<Real>(gradient), write<Real>(a), write<Real>(b),
                                     write<Real>(values));
    });
    return {a, b, values, Tensor()};
  }
};

}  // namespace

Edges edges_of(const GraphTensors& graph, std::int64_t columns) {
  [[maybe_unused]] const auto nodes = graph.features.size(0);
  if (!graph.neighbors.defined()) {
    assert(graph.offsets.defined() && graph.offsets.is_cpu() &&
           graph.offsets[-1].item<std::int64_t>() == nodes);
    return {Tensor(), graph.offsets.contiguous()};
  }
  assert(graph.neighbors.dim() == 2 && graph.neighbors.size(0) == nodes &&
         graph.neighbors.size(1) >= 1);
  const Tensor used = columns > 0 ? graph.neighbors.slice(1, 0, columns) : graph.neighbors;
  return {used.to(torch::kInt).contiguous(), graph.offsets};
}

Tensor Edges::degree(const Tensor& like) const {
  if (has_table()) return (table >= 0).sum(1, /*keepdim=*/true).to(like.scalar_type());
  const Tensor sizes = offsets.diff();
  return sizes.repeat_interleave(sizes).unsqueeze(1).to(like.options());
}

Tensor max_message(const Tensor& joint, const Edges& edges, double slope) {
  return runs_in_kernels(joint) ? MaxMessage::apply(joint, edges, slope)
                                : aten::max_message(joint, edges, slope);
}

Tensor sum_message(const Tensor& joint, const Edges& edges, double slope, bool mean) {
  return runs_in_kernels(joint) ? SumMessage::apply(joint, edges, slope, mean)
                                : aten::sum_message(joint, edges, slope, mean);
}

Tensor aggregate_messages(const Tensor& joint, const Edges& edges,
                          const std::function<Tensor(const Tensor&)>& message,
                          Reduction reduction) {
  const auto reduce = [&](const Tensor& messages, std::int64_t dimension) {
    return reduction == Reduction::max ? std::get<0>(messages.max(dimension))
                                       : messages.sum(dimension);
  };
  if (!edges.has_table()) {
    return GroupsBySize(edges.offsets, joint.device()).map(joint, [&](const Tensor& group) {
      const auto halves = group.chunk(2, 2);
      return reduce(message(halves[0].unsqueeze(2) + halves[1].unsqueeze(1)), 2);
    });
  }
  const auto halves = joint.chunk(2, 1);
  const Tensor padded = (edges.table < 0).unsqueeze(2),
               messages =
                   message(halves[0].unsqueeze(1) + gather_neighbors(halves[1], edges.table));
  if (reduction == Reduction::sum) return reduce(messages.masked_fill(padded, 0), 1);
  return reduce(messages.masked_fill(padded, -std::numeric_limits<double>::infinity()), 1)
      .masked_fill(padded.all(1), 0);
}

Tensor gather_neighbors(const Tensor& values, const Tensor& table) {
  return runs_in_kernels(values) ? Gather::apply(values, table)
                                 : aten::gather_neighbors(values, table);
}

Tensor attend_neighbors(const Tensor& a, const Tensor& b, const Tensor& values,
                        const Edges& edges) {
  return runs_in_kernels(values) ? Attention::apply(a, b, values, edges)
                                 : aten::attend_neighbors(a, b, values, edges);
}

}  // namespace stationhit::models
