// For each node and head, one pass finds the largest score, one exponentiates (in vectors over the
// neighbors), and one sums the values with these weights (in vectors over the columns). The
// backward pass uses the gradient of the softmax, alpha_j (g_j - sum_k alpha_k g_k) with g_j the
// product of the incoming gradient and values_j, so it needs only the stored alpha and no second
// softmax. The cost is one pass over the edges, and memory is one weight per edge and head.
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include <stationhit/kernels/attention.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "attention.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// These come after highway.h, because they are compiled once per target.
#include <hwy/contrib/math/math-inl.h>

#include "columns-inl.hpp"
#include "rows-inl.hpp"

#ifndef STATIONHIT_KERNELS_ATTENTION_FUNCTIONS
#define STATIONHIT_KERNELS_ATTENTION_FUNCTIONS
namespace stationhit::kernels {

// The functions that every target provides.
template <class Real>
struct AttentionFunctions {
  decltype(&attend<Real>) forward;
  decltype(&attend_backward<Real>) backward;
};

}  // namespace stationhit::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace stationhit::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// The nodes that a node attends to: itself and its neighbors, which may already include it; -1 is
// padding.
template <class Row>
struct AttentionSources {
  std::size_t node;
  Row row;

  [[nodiscard]] HWY_INLINE std::size_t size() const { return row.size + (Row::has_itself ? 0 : 1); }
  HWY_INLINE std::int32_t operator[](std::size_t slot) const {
    if constexpr (Row::has_itself) return row[slot];
    return slot == 0 ? static_cast<std::int32_t>(node) : row[slot - 1];
  }
};

// Calls step(sources, first) for all nodes in order; the weights of the node's heads start at
// `first`.
template <class Step>
HWY_INLINE void for_sources(const Edges& edges, std::size_t heads, const Step& step) {
  std::size_t first = 0;
  for_rows(edges, [&](std::size_t i, const auto& row) HWY_ATTR {
    const AttentionSources<std::decay_t<decltype(row)>> sources{i, row};
    step(sources, first);
    first += heads * sources.size();
  });
}

// leaky_relu and its slope, without branches because the signs are practically random.
template <class Real>
HWY_INLINE Real sloped(Real x, Real slope) {
  const Real below = slope * x;
  return x > below ? x : below;
}
template <class Real>
HWY_INLINE Real slope_at(Real x, Real slope) {
  const Real slopes[]{slope, Real{1}};
  return slopes[x > 0 ? 1 : 0];
}

// Replaces scores[slot] by exp(scores[slot] - largest).
template <class Real>
HWY_INLINE void exponentials(Real* scores, std::size_t n, Real largest) {
  for_columns<Real>(n, [&](auto d, std::size_t s) HWY_ATTR {
    hn::StoreU(hn::Exp(d, hn::Sub(hn::LoadU(d, scores + s), hn::Set(d, largest))), d, scores + s);
  });
}

// Softmax over the sources of one node and head. Padding gets weight 0.
template <class Real, class SourceList>
HWY_INLINE void softmax_row(const SourceList& sources, std::size_t head,
                            const AttentionScores<Real>& scores, Real* alpha) {
  // The largest score is subtracted before the exponential, so that it cannot overflow and at least
  // one term is 1: the sum is never 0.
  const std::size_t slots = sources.size();
  const Real own = scores.a.row(sources.node)[head];
  Real largest = -std::numeric_limits<Real>::infinity();
  for (std::size_t s = 0; s < slots; ++s) {
    const std::int32_t j = sources[s];
    alpha[s] = j < 0 ? -std::numeric_limits<Real>::infinity()
                     : sloped(own + scores.b.row(static_cast<std::size_t>(j))[head], scores.slope);
    largest = alpha[s] > largest ? alpha[s] : largest;
  }
  // Padding is still minus infinity here and set to 0 afterwards: the vector exponential need not
  // be exact for it.
  exponentials(alpha, slots, largest);
  Real sum = 0;
  for (std::size_t s = 0; s < slots; ++s) {
    if (sources[s] < 0) alpha[s] = 0;
    sum += alpha[s];
  }
  for (std::size_t s = 0; s < slots; ++s) alpha[s] /= sum;
}

template <class Real>
void attend(const Edges& edges, const AttentionScores<Real>& scores, MatrixView<const Real> values,
            MatrixView<Real> out, std::span<Real> alpha) {
  const std::size_t heads = scores.a.columns, width = values.columns / heads;
  for_sources(edges, heads, [&](const auto& sources, std::size_t first) HWY_ATTR {
    for (std::size_t head = 0; head < heads; ++head) {
      Real* weights = alpha.data() + first + head * sources.size();
      softmax_row(sources, head, scores, weights);
      for_columns<Real>(width, [&](auto d, std::size_t c) HWY_ATTR {
        // The sum stays in registers while the loop runs over the neighbors, so every column is
        // written once.
        auto sum = hn::Zero(d);
        for (std::size_t s = 0; s < sources.size(); ++s) {
          if (sources[s] < 0) continue;
          const auto value =
              hn::LoadU(d, values.row(static_cast<std::size_t>(sources[s])) + head * width + c);
          sum = hn::MulAdd(hn::Set(d, weights[s]), value, sum);
        }
        hn::StoreU(sum, d, out.row(sources.node) + head * width + c);
      });
    }
  });
}

template <class Real>
HWY_INLINE Real dot(const Real* x, const Real* y, std::size_t n) {
  Real sum = 0;
  for_columns<Real>(n, [&](auto d, std::size_t c) HWY_ATTR {
    sum += hn::GetLane(hn::SumOfLanes(d, hn::Mul(hn::LoadU(d, x + c), hn::LoadU(d, y + c))));
  });
  return sum;
}

// sum += scale * x
template <class Real>
HWY_INLINE void add_scaled(Real scale, const Real* x, std::size_t n, Real* sum) {
  for_columns<Real>(n, [&](auto d, std::size_t c) HWY_ATTR {
    hn::StoreU(hn::MulAdd(hn::Set(d, scale), hn::LoadU(d, x + c), hn::LoadU(d, sum + c)), d,
               sum + c);
  });
}

// The gradients that a row of attention adds to.
template <class Real>
struct AttentionGradients {
  MatrixView<Real> a, b, values;
};

// Backward pass of one node and head. `weights` are those of its sources, `of_weight` is space for
// their gradients.
template <class Real, class SourceList>
HWY_INLINE void backward_row(const AttentionState<Real>& forward, const SourceList& sources,
                             std::size_t head, const Real* weights,
                             const MatrixView<const Real>& gradient,
                             const AttentionGradients<Real>& result, Real* of_weight) {
  const AttentionScores<Real>& scores = forward.scores;
  const std::size_t width = forward.values.columns / scores.a.columns, first = head * width;
  const Real* in = gradient.row(sources.node) + first;
  Real mean = 0;
  for (std::size_t s = 0; s < sources.size(); ++s) {
    if (sources[s] < 0) continue;
    const auto j = static_cast<std::size_t>(sources[s]);
    of_weight[s] = dot(in, forward.values.row(j) + first, width);
    mean += weights[s] * of_weight[s];
    add_scaled(weights[s], in, width, result.values.row(j) + first);
  }
  Real own = 0;
  for (std::size_t s = 0; s < sources.size(); ++s) {
    if (sources[s] < 0) continue;
    const auto j = static_cast<std::size_t>(sources[s]);
    const Real score = scores.a.row(sources.node)[head] + scores.b.row(j)[head];
    const Real change = weights[s] * (of_weight[s] - mean) * slope_at(score, scores.slope);
    own += change;
    // Nodes are shared between rows, so gradients of b and values are added; those of a belong to
    // one node and are assigned.
    result.b.row(j)[head] += change;
  }
  result.a.row(sources.node)[head] = own;
}

template <class Real>
void attend_backward(const AttentionState<Real>& forward, MatrixView<const Real> gradient,
                     MatrixView<Real> a_gradient, MatrixView<Real> b_gradient,
                     MatrixView<Real> values_gradient) {
  const AttentionGradients<Real> result{a_gradient, b_gradient, values_gradient};
  const std::size_t heads = forward.scores.a.columns;
  std::vector<Real> of_weight;
  for_sources(forward.edges, heads, [&](const auto& sources, std::size_t first) HWY_ATTR {
    if (of_weight.size() < sources.size()) of_weight.resize(sources.size());
    for (std::size_t head = 0; head < heads; ++head) {
      backward_row(forward, sources, head, forward.alpha.data() + first + head * sources.size(),
                   gradient, result, of_weight.data());
    }
  });
}

template <class Real>
constexpr AttentionFunctions<Real> attention_functions{attend<Real>, attend_backward<Real>};
const AttentionFunctions<float>* float_attention_functions() { return &attention_functions<float>; }
const AttentionFunctions<double>* double_attention_functions() {
  return &attention_functions<double>;
}

}  // namespace stationhit::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stationhit::kernels {
namespace {

HWY_EXPORT(float_attention_functions);
HWY_EXPORT(double_attention_functions);

// Selects the functions of the best target for this processor.
template <class Real>
const AttentionFunctions<Real>& best_functions() {
  if constexpr (std::is_same_v<Real, float>) {
    return *HWY_DYNAMIC_DISPATCH(float_attention_functions)();
  } else {
    return *HWY_DYNAMIC_DISPATCH(double_attention_functions)();
  }
}

}  // namespace

// A row of a table has one more source than columns, the node itself; a group attends to all of its
// own nodes.
std::size_t attention_weights(const Edges& edges, std::size_t heads) {
  if (const auto* table = std::get_if<NeighborTable>(&edges))
    return table->rows * heads * (table->columns + 1);
  const auto& offsets = std::get<NodeGroups>(edges).offsets;
  std::size_t pairs = 0;
  for (std::size_t g = 0; g + 1 < offsets.size(); ++g) {
    const auto size = static_cast<std::size_t>(offsets[g + 1] - offsets[g]);
    pairs += size * size;
  }
  return heads * pairs;
}

template <class Real>
void attend(const Edges& edges, const AttentionScores<Real>& scores, MatrixView<const Real> values,
            MatrixView<Real> out, std::span<Real> alpha) {
  best_functions<Real>().forward(edges, scores, values, out, alpha);
}

template <class Real>
void attend_backward(const AttentionState<Real>& forward, MatrixView<const Real> gradient,
                     MatrixView<Real> a_gradient, MatrixView<Real> b_gradient,
                     MatrixView<Real> values_gradient) {
  best_functions<Real>().backward(forward, gradient, a_gradient, b_gradient, values_gradient);
}

template void attend(const Edges&, const AttentionScores<float>&, MatrixView<const float>,
                     MatrixView<float>, std::span<float>);
template void attend(const Edges&, const AttentionScores<double>&, MatrixView<const double>,
                     MatrixView<double>, std::span<double>);
template void attend_backward(const AttentionState<float>&, MatrixView<const float>,
                              MatrixView<float>, MatrixView<float>, MatrixView<float>);
template void attend_backward(const AttentionState<double>&, MatrixView<const double>,
                              MatrixView<double>, MatrixView<double>, MatrixView<double>);

}  // namespace stationhit::kernels
#endif
