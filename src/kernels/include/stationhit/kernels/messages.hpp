// Sums and maxima over neighbors, forward and backward: the parts of message passing that are not
// matrix products.
//
// N nodes, k columns of a table, C columns of values; p, q, out and gradients are [N, C], and
// act(x) = x for x > 0, slope * x else, with 0 <= slope <= 1 (0: relu, 1: identity). For float and
// double, on the widest vectors of the processor; results are the same on all of them, because no
// sum runs across a vector and nothing is contracted. Backward functions add to the gradient of q,
// which must be initialized, and overwrite that of p. One call runs on one thread.
#pragma once

#include <cstdint>

#include <stationhit/kernels/views.hpp>

namespace stationhit::kernels {

// out_i = max over j in N(i) of act(p_i + q_j) = act(p_i + max_j q_j); 0 without neighbors. For
// groups the maximum is computed once for all their nodes. winner [N, C] int32 records what the
// backward pass needs: the first j that gives the maximum if p_i + q_j > 0, -2 - j if not, and -1
// without neighbors.
template <class Real>
void max_message(const Edges& edges, MatrixView<const Real> p, MatrixView<const Real> q, Real slope,
                 MatrixView<Real> out, MatrixView<std::int32_t> winner);
template <class Real>
void max_message_backward(MatrixView<const std::int32_t> winner, Real slope,
                          MatrixView<const Real> gradient, MatrixView<Real> p_gradient,
                          MatrixView<Real> q_gradient);

enum class Reduction {
  sum,
  mean
};  // mean divides by the number of neighbors; both give 0 without neighbors

// out_i = sum or mean over j in N(i) of act(p_i + q_j).
template <class Real>
void sum_message(const Edges& edges, MatrixView<const Real> p, MatrixView<const Real> q, Real slope,
                 Reduction reduction, MatrixView<Real> out);
template <class Real>
void sum_message_backward(const Edges& edges, MatrixView<const Real> p, MatrixView<const Real> q,
                          Real slope, Reduction reduction, MatrixView<const Real> gradient,
                          MatrixView<Real> p_gradient, MatrixView<Real> q_gradient);

// out [N k, C]: row i k + n is values_j of the n-th neighbor j of i, or 0 if the table is padded
// there.
template <class Real>
void gather(NeighborTable table, MatrixView<const Real> values, MatrixView<Real> out);
// Adds every row of gradient [N k, C] to the row that it was gathered from.
template <class Real>
void gather_backward(NeighborTable table, MatrixView<const Real> gradient,
                     MatrixView<Real> values_gradient);

}  // namespace stationhit::kernels
