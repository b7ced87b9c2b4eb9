// Additive attention over neighbors (GAT, Velickovic et al., arXiv:1710.10903), forward and
// backward.
//
// N nodes, k columns of a table, H heads, values [N, H D] (head h in the columns h D .. h D + D -
// 1). For j in N(i) and i itself (once)
//   e_ijh = leaky_relu(a_ih + b_jh), alpha_ijh = softmax of e_ijh over j,
//   out_ih = sum_j alpha_ijh values_jh.
// For float and double; results differ between processors by rounding only. One call runs on one
// thread.
#pragma once

#include <cstddef>
#include <span>

#include <stationhit/kernels/views.hpp>

namespace stationhit::kernels {

// a, b: [N, H]. slope: of the leaky_relu for negative arguments.
template <class Real>
struct AttentionScores {
  MatrixView<const Real> a, b;
  Real slope;
};

// The number of weights that the backward pass needs: for every node and head one for the node
// itself and one for each of the k columns of the table (0 if padded), or one for each node of its
// group.
[[nodiscard]] std::size_t attention_weights(const Edges& edges, std::size_t heads);

// alpha: [attention_weights(edges, H)].
template <class Real>
void attend(const Edges& edges, const AttentionScores<Real>& scores, MatrixView<const Real> values,
            MatrixView<Real> out, std::span<Real> alpha);

// The inputs and results of the forward pass that the backward pass needs.
template <class Real>
struct AttentionState {
  Edges edges;
  AttentionScores<Real> scores;
  MatrixView<const Real> values;
  std::span<const Real> alpha;
};

// Adds to the gradients of b and values, which must be initialized; overwrites that of a.
template <class Real>
void attend_backward(const AttentionState<Real>& forward, MatrixView<const Real> gradient,
                     MatrixView<Real> a_gradient, MatrixView<Real> b_gradient,
                     MatrixView<Real> values_gradient);

}  // namespace stationhit::kernels
