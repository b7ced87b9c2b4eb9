// Differentiable operations over the edges of a graph: the only place where values travel along
// them. On the CPU they run in src/kernels, on other devices (and with AtenForms) through
// neighbor_ops_aten.hpp.
#pragma once

#include <functional>

#include <torch/types.h>

#include <stationhit/models/network.hpp>

namespace stationhit::models {

// N(i) of every node.
struct Edges {
  torch::Tensor table;  // [N, k] int32, contiguous, padded with -1; undefined: the groups are fully
                        // connected, every node its own neighbor too
  torch::Tensor offsets = {};  // [G + 1] int64 on the CPU

  [[nodiscard]] bool has_table() const { return table.defined(); }
  // Number of neighbors. [N, 1] in type and on the device of `like`.
  [[nodiscard]] torch::Tensor degree(const torch::Tensor& like) const;
};

// Those of a graph; asserts the shapes. columns: nearest neighbors of its table that are used, 0:
// all.
[[nodiscard]] Edges edges_of(const GraphTensors& graph, std::int64_t columns = 0);

// joint = [p | q]: [N, 2 W] -> [N, W]. act(x) = x for x > 0, slope * x else, 0 <= slope <= 1. Nodes
// without neighbors get 0.
//   max_message: max over j in N(i) of act(p_i + q_j); the gradient of a maximum goes to the first
//   of equal neighbors. sum_message: sum or mean over j in N(i) of act(p_i + q_j).
[[nodiscard]] torch::Tensor max_message(const torch::Tensor& joint, const Edges& edges,
                                        double slope);
[[nodiscard]] torch::Tensor sum_message(const torch::Tensor& joint, const Edges& edges,
                                        double slope, bool mean);

// The same for any message, where it has to be computed edge by edge: maximum or sum over j in N(i)
// of message(p_i + q_j). message: [..., W] ->
// [..., C], row by row. Holds a tensor of all edges in memory. -> [N, C]
enum class Reduction { max, sum };
[[nodiscard]] torch::Tensor aggregate_messages(
    const torch::Tensor& joint, const Edges& edges,
    const std::function<torch::Tensor(const torch::Tensor&)>& message, Reduction reduction);

// out[i, n] = values[table[i, n]], 0 where the table is padded. values: [N, C] -> [N, k, C].
[[nodiscard]] torch::Tensor gather_neighbors(const torch::Tensor& values,
                                             const torch::Tensor& table);

// Additive attention over the neighbors and the node itself (kernels/attention.hpp). a, b: [N, H];
// values: [N, H D] -> [N, H D].
[[nodiscard]] torch::Tensor attend_neighbors(const torch::Tensor& a, const torch::Tensor& b,
                                             const torch::Tensor& values, const Edges& edges);

}  // namespace stationhit::models
