// Additive attention over neighbours (GAT, Velickovic et al., arXiv:1710.10903), forward and backward.
//
// N nodes, k columns of the table, H heads, values [N, H D] (head h in the columns h D .. h D + D - 1). For j in N(i) and i itself
//   e_ijh = leaky_relu(a_ih + b_jh), alpha_ijh = softmax of e_ijh over j,   out_ih = sum_j alpha_ijh values_jh.
// For float and double; results differ between processors by rounding only. One call runs on one thread.
#pragma once

#include <cstddef>

#include <stationhit/kernels/views.hpp>

namespace stationhit::kernels {

// Slope of the leaky_relu of the scores.
inline constexpr double attention_slope = 0.2;

// a, b: [N, H]. alpha: [N, H (k + 1)] is what the backward pass needs: for every head the weight of the node itself, then those of the table's
// columns (0 where it is padded).
template <class Real>
void attend(NeighbourTable table, MatrixView<const Real> a, MatrixView<const Real> b, MatrixView<const Real> values, MatrixView<Real> out,
            MatrixView<Real> alpha);

// What the backward pass takes from the forward pass.
template <class Real>
struct AttentionState {
  NeighbourTable table;
  MatrixView<const Real> a, b, values, alpha;
};

// Adds to the gradients of b and values, which must be initialised; overwrites that of a.
template <class Real>
void attend_backward(const AttentionState<Real>& forward, MatrixView<const Real> gradient, MatrixView<Real> a_gradient, MatrixView<Real> b_gradient,
                     MatrixView<Real> values_gradient);

}  // namespace stationhit::kernels
