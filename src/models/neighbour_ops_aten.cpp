#include "neighbour_ops_aten.hpp"

#include <limits>

#include <torch/torch.h>

#include <stationhit/kernels/attention.hpp>

namespace stationhit::models::aten {
namespace {

using torch::Tensor;

constexpr double minus_infinity = -std::numeric_limits<double>::infinity();

Tensor padded(const Tensor& neighbours) { return (neighbours < 0).unsqueeze(2); }
Tensor isolated(const Tensor& neighbours) { return (neighbours < 0).all(1, /*keepdim=*/true); }

// [N, C] -> [N, k, C], row 0 where the table is padded.
Tensor select(const Tensor& values, const Tensor& neighbours) {
  const Tensor rows = neighbours.clamp_min(0).to(torch::kLong).flatten();
  return values.index_select(0, rows).view({neighbours.size(0), neighbours.size(1), values.size(1)});
}

}  // namespace

Tensor max_message(const Tensor& joint, const Tensor& neighbours, double slope) {
  const auto halves = joint.chunk(2, 1);
  const Tensor largest = std::get<0>(select(halves[1], neighbours).masked_fill(padded(neighbours), minus_infinity).max(1));
  return torch::leaky_relu(halves[0] + largest, slope).masked_fill(isolated(neighbours), 0);
}

Tensor sum_message(const Tensor& joint, const Tensor& neighbours, double slope, bool mean) {
  const auto halves = joint.chunk(2, 1);
  const Tensor messages = torch::leaky_relu(halves[0].unsqueeze(1) + select(halves[1], neighbours), slope);
  const Tensor sum = messages.masked_fill(padded(neighbours), 0).sum(1);
  return mean ? sum / (neighbours >= 0).sum(1, /*keepdim=*/true).clamp_min(1) : sum;
}

Tensor gather_neighbours(const Tensor& values, const Tensor& neighbours) { return select(values, neighbours).masked_fill(padded(neighbours), 0); }

Tensor attend_neighbours(const Tensor& a, const Tensor& b, const Tensor& values, const Tensor& neighbours) {
  const auto nodes = a.size(0), heads = a.size(1);
  const Tensor table = torch::cat({torch::arange(nodes, neighbours.options()).unsqueeze(1), neighbours}, 1);
  const Tensor scores = torch::leaky_relu(a.unsqueeze(1) + select(b, table), kernels::attention_slope).masked_fill(padded(table), minus_infinity);
  const Tensor selected = select(values, table).view({nodes, table.size(1), heads, values.size(1) / heads});
  return (scores.softmax(1).unsqueeze(3) * selected).sum(1).flatten(1);
}

}  // namespace stationhit::models::aten
