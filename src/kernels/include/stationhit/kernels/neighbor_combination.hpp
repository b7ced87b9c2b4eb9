// Combines what neighbors send, for inference: no winners are recorded, and the activation and the
// residual sum are part of it. Columns are padded as in packed_product.hpp.
#pragma once

#include <cstdint>
#include <span>

#include <stationhit/kernels/bfloat16_product.hpp>
#include <stationhit/kernels/messages.hpp>
#include <stationhit/kernels/views.hpp>

namespace stationhit::kernels {

// p_i, after_i and out_i of some rows, and q_j of all rows: matrices with padded columns. `after`
// may have no data (0). act(x) = max(x, slope x), 0 <= slope <= 1.
template <class Number>
struct MessagesOf {
  MatrixView<const float> p;
  MatrixView<const Number> q;
  MatrixView<const float> after;
  float slope = 0;
  MatrixView<float> out;
};
using Messages = MessagesOf<float>;
using RoundedMessages = MessagesOf<OrderedBfloat16>;

// out_i = act(p_i + max over j in N(i) of q_j) + after_i; without neighbors after_i. Row i of the
// table holds the neighbors of row i of p.
void add_largest(NeighborTable table, const Messages& messages);
// As above, where a row before the first one of q holds lowest_ordered.
void add_largest(NeighborTable table, const RoundedMessages& messages);

// out_i = sum or mean over j in N(i) of act(p_i + q_j) + after_i; without neighbors after_i.
void add_sums(const Edges& edges, const Messages& messages, Reduction reduction);

// out_g = max over the nodes j of group g of q_j, [groups, padded columns]; -infinity for empty
// groups.
void largest_of_groups(const NodeGroups& groups, MatrixView<const float> q, MatrixView<float> out);

// Some edges: from row source[e] (-1: no edge) to row target[e], targets ascending.
struct EdgeList {
  std::span<const std::int32_t> source, target;
};

// The edges of a table that exist, row by row: their number. source and target have room for 7 more
// than there are places in the table.
std::size_t list_edges(NeighborTable table, std::int32_t* source, std::int32_t* target);

// out_e = q_source, plus p_target where p has data; 0 without an edge. [edges, padded columns]
void gather_terms(const EdgeList& edges, MatrixView<const float> p, MatrixView<const float> q,
                  MatrixView<float> out);

// totals_target = max(totals_target, values_e), or + values_e, for all edges that exist, in order.
enum class Combination { largest, sum };
void combine_edges(const EdgeList& edges, MatrixView<const float> values, Combination how,
                   MatrixView<float> totals);

// out [edges, columns], contiguous: the numbers of the source less the own ones of the target, for
// edges that exist. Rows are read, and the result is written, in vectors of up to 8: up to 7 values
// behind the last one.
void subtract_own(const EdgeList& edges, MatrixView<const float> numbers,
                  MatrixView<const float> own, float* out);

}  // namespace stationhit::kernels
