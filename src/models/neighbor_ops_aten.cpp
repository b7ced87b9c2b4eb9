#include "neighbor_ops_aten.hpp"

#include <limits>

#include <torch/torch.h>

#include <stationhit/architecture/numerical_constants.hpp>

#include "groups.hpp"

namespace stationhit::models::aten {
namespace {

using torch::Tensor;

constexpr double minus_infinity = -std::numeric_limits<double>::infinity();

Tensor padded(const Tensor& neighbors) { return (neighbors < 0).unsqueeze(2); }
Tensor isolated(const Tensor& neighbors) { return (neighbors < 0).all(1, /*keepdim=*/true); }

// [N, C] -> [N, k, C], row 0 where the table is padded.
Tensor select(const Tensor& values, const Tensor& neighbors) {
  const Tensor rows = neighbors.clamp_min(0).to(torch::kLong).flatten();
  return values.index_select(0, rows).view({neighbors.size(0), neighbors.size(1), values.size(1)});
}

// On tables and, in all_... functions, on a part [G, n, C] of G groups of n nodes, all of them
// neighbors of each other.
Tensor table_max(const Tensor& joint, const Tensor& table, double slope) {
  const auto halves = joint.chunk(2, 1);
  const Tensor largest =
      std::get<0>(select(halves[1], table).masked_fill(padded(table), minus_infinity).max(1));
  return torch::leaky_relu(halves[0] + largest, slope).masked_fill(isolated(table), 0);
}

Tensor all_max(const Tensor& joint, double slope) {
  const auto halves = joint.chunk(2, 2);
  return torch::leaky_relu(halves[0] + std::get<0>(halves[1].max(1, /*keepdim=*/true)), slope);
}

Tensor table_sum(const Tensor& joint, const Tensor& table, double slope) {
  const auto halves = joint.chunk(2, 1);
  return torch::leaky_relu(halves[0].unsqueeze(1) + select(halves[1], table), slope)
      .masked_fill(padded(table), 0)
      .sum(1);
}

Tensor all_sum(const Tensor& joint, double slope) {
  const auto halves = joint.chunk(2, 2);
  return torch::leaky_relu(halves[0].unsqueeze(2) + halves[1].unsqueeze(1), slope).sum(2);
}

Tensor table_attend(const Tensor& a, const Tensor& b, const Tensor& values,
                    const Tensor& neighbors) {
  const auto nodes = a.size(0), heads = a.size(1);
  const Tensor table =
      torch::cat({torch::arange(nodes, neighbors.options()).unsqueeze(1), neighbors}, 1);
  const Tensor scores =
      torch::leaky_relu(a.unsqueeze(1) + select(b, table), architecture::attention_slope)
          .masked_fill(padded(table), minus_infinity);
  const Tensor selected =
      select(values, table).view({nodes, table.size(1), heads, values.size(1) / heads});
  return (scores.softmax(1).unsqueeze(3) * selected).sum(1).flatten(1);
}

// all: a, b and values beside each other.
Tensor all_attend(const Tensor& all, std::int64_t heads) {
  const auto parts = all.split_with_sizes({heads, heads, all.size(2) - 2 * heads}, 2);
  const Tensor scores = torch::leaky_relu(parts[0].unsqueeze(2) + parts[1].unsqueeze(1),
                                          architecture::attention_slope);    // [G, n, n, H]
  const Tensor values = parts[2].unflatten(2, {heads, -1}).transpose(1, 2);  // [G, H, n, D]
  return torch::matmul(scores.softmax(2).permute({0, 3, 1, 2}), values).transpose(1, 2).flatten(2);
}

// Calls `work` for groups of equal size.
template <class Work>
Tensor on_groups(const Tensor& values, const Edges& edges, const Work& work) {
  return GroupsBySize(edges.offsets, values.device()).map(values, work);
}

}  // namespace

Tensor max_message(const Tensor& joint, const Edges& edges, double slope) {
  if (edges.has_table()) return table_max(joint, edges.table, slope);
  return on_groups(joint, edges, [&](const Tensor& part) { return all_max(part, slope); });
}

Tensor sum_message(const Tensor& joint, const Edges& edges, double slope, bool mean) {
  const Tensor sum =
      edges.has_table()
          ? table_sum(joint, edges.table, slope)
          : on_groups(joint, edges, [&](const Tensor& part) { return all_sum(part, slope); });
  return mean ? sum / edges.degree(sum).clamp_min(1) : sum;
}

Tensor gather_neighbors(const Tensor& values, const Tensor& table) {
  return select(values, table).masked_fill(padded(table), 0);
}

Tensor attend_neighbors(const Tensor& a, const Tensor& b, const Tensor& values,
                        const Edges& edges) {
  if (edges.has_table()) return table_attend(a, b, values, edges.table);
  return on_groups(torch::cat({a, b, values}, 1), edges,
                   [&](const Tensor& part) { return all_attend(part, a.size(1)); });
}

}  // namespace stationhit::models::aten
