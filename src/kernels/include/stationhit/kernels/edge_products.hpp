// Linear layers along edges, for inference. What an edge begins with is gathered into the first
// sums of its product, and the maximum over the edges of a node takes the finished ones: neither is
// a matrix of its own. Columns are padded as in packed_product.hpp.
#pragma once

#include <stationhit/kernels/neighbor_combination.hpp>
#include <stationhit/kernels/packed_product.hpp>
#include <stationhit/kernels/views.hpp>

namespace stationhit::kernels {

// p_i of the targets and q_j of the sources: matrices with padded columns. p may have no data (0).
struct EdgeTerms {
  MatrixView<const float> p, q;
  float slope = 1;
};

// out_e = act(p_target + q_source + values_e weight^T) with act(x) = max(x, slope x). All edges
// exist; the weights have no bias. out: [edges, padded columns]
void multiply_edges(const EdgeList& edges, const EdgeTerms& terms, const Panel& values,
                    const PackedWeights& weights, MatrixView<float> out);

// totals_target = max(totals_target, rows_e weight^T + bias) for all edges, which exist. The edges
// of a target follow each other, in one call or several: its total is -infinity before the first.
void add_largest_products(const EdgeList& edges, const Panel& rows, const PackedWeights& weights,
                          MatrixView<float> totals);

}  // namespace stationhit::kernels
