#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include <stationhit/kernels/attention.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "attention.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// After highway.h: they are compiled once per target.
#include <hwy/contrib/math/math-inl.h>

#include "columns-inl.hpp"

#ifndef STATIONHIT_KERNELS_ATTENTION_FUNCTIONS
#define STATIONHIT_KERNELS_ATTENTION_FUNCTIONS
namespace stationhit::kernels {

// What every target provides.
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

// The node that slot 0 (the node itself), 1, ..., k of node i refers to, -1 for padding.
HWY_INLINE std::int32_t source(const NeighbourTable& table, std::size_t i, std::size_t slot) {
  return slot == 0 ? static_cast<std::int32_t>(i) : table.row(i)[slot - 1];
}

// leaky_relu and its slope without branches: signs are as good as random.
template <class Real>
HWY_INLINE Real sloped(Real x) {
  const Real below = static_cast<Real>(attention_slope) * x;
  return x > below ? x : below;
}
template <class Real>
HWY_INLINE Real slope_at(Real x) {
  constexpr Real slopes[]{static_cast<Real>(attention_slope), Real{1}};
  return slopes[x > 0 ? 1 : 0];
}

// scores[slot] -> exp(scores[slot] - largest), in whole vectors and single values.
template <class Real>
HWY_INLINE void exponentials(Real* scores, std::size_t n, Real largest) {
  for_columns<Real>(
      n, [&](auto d, std::size_t s) HWY_ATTR { hn::StoreU(hn::Exp(d, hn::Sub(hn::LoadU(d, scores + s), hn::Set(d, largest))), d, scores + s); });
}

// Softmax over the slots of one node and head. Padded slots get weight 0.
template <class Real>
HWY_INLINE void softmax_row(const NeighbourTable& table, std::size_t i, std::size_t head, Real own, const MatrixView<const Real>& b, Real* alpha) {
  const std::size_t slots = table.columns + 1;
  Real largest = -std::numeric_limits<Real>::infinity();
  for (std::size_t s = 0; s < slots; ++s) {
    const std::int32_t j = source(table, i, s);
    alpha[s] = j < 0 ? -std::numeric_limits<Real>::infinity() : sloped(own + b.row(static_cast<std::size_t>(j))[head]);
    largest = alpha[s] > largest ? alpha[s] : largest;
  }
  exponentials(alpha, slots, largest);
  Real sum = 0;
  for (std::size_t s = 0; s < slots; ++s) {
    if (source(table, i, s) < 0) alpha[s] = 0;
    sum += alpha[s];
  }
  for (std::size_t s = 0; s < slots; ++s) alpha[s] /= sum;
}

template <class Real>
void attend(NeighbourTable table, MatrixView<const Real> a, MatrixView<const Real> b, MatrixView<const Real> values, MatrixView<Real> out,
            MatrixView<Real> alpha) {
  const std::size_t heads = a.columns, width = values.columns / heads, slots = table.columns + 1;
  for (std::size_t i = 0; i < table.rows; ++i) {
    for (std::size_t head = 0; head < heads; ++head) {
      Real* weights = alpha.row(i) + head * slots;
      softmax_row(table, i, head, a.row(i)[head], b, weights);
      for_columns<Real>(width, [&](auto d, std::size_t c) HWY_ATTR {
        auto sum = hn::Zero(d);
        for (std::size_t s = 0; s < slots; ++s) {
          const std::int32_t j = source(table, i, s);
          if (j < 0) continue;
          const auto value = hn::LoadU(d, values.row(static_cast<std::size_t>(j)) + head * width + c);
          sum = hn::MulAdd(hn::Set(d, weights[s]), value, sum);
        }
        hn::StoreU(sum, d, out.row(i) + head * width + c);
      });
    }
  }
}

template <class Real>
HWY_INLINE Real dot(const Real* x, const Real* y, std::size_t n) {
  Real sum = 0;
  for_columns<Real>(
      n, [&](auto d, std::size_t c) HWY_ATTR { sum += hn::GetLane(hn::SumOfLanes(d, hn::Mul(hn::LoadU(d, x + c), hn::LoadU(d, y + c)))); });
  return sum;
}

// sum += scale * x
template <class Real>
HWY_INLINE void add_scaled(Real scale, const Real* x, std::size_t n, Real* sum) {
  for_columns<Real>(
      n, [&](auto d, std::size_t c) HWY_ATTR { hn::StoreU(hn::MulAdd(hn::Set(d, scale), hn::LoadU(d, x + c), hn::LoadU(d, sum + c)), d, sum + c); });
}

// The gradients that a row of attention adds to.
template <class Real>
struct AttentionGradients {
  MatrixView<Real> a, b, values;
};

// One node and head. of_weight: room for the gradients of its k + 1 weights.
template <class Real>
HWY_INLINE void backward_row(const AttentionState<Real>& forward, std::size_t i, std::size_t head, const MatrixView<const Real>& gradient,
                             const AttentionGradients<Real>& result, Real* of_weight) {
  const std::size_t width = forward.values.columns / forward.a.columns, slots = forward.table.columns + 1, first = head * width;
  const Real* weights = forward.alpha.row(i) + head * slots;
  const Real* in = gradient.row(i) + first;
  Real mean = 0;
  for (std::size_t s = 0; s < slots; ++s) {
    const std::int32_t j = source(forward.table, i, s);
    if (j < 0) continue;
    of_weight[s] = dot(in, forward.values.row(static_cast<std::size_t>(j)) + first, width);
    mean += weights[s] * of_weight[s];
    add_scaled(weights[s], in, width, result.values.row(static_cast<std::size_t>(j)) + first);
  }
  Real own = 0;
  for (std::size_t s = 0; s < slots; ++s) {
    const std::int32_t j = source(forward.table, i, s);
    if (j < 0) continue;
    const Real score = forward.a.row(i)[head] + forward.b.row(static_cast<std::size_t>(j))[head];
    const Real change = weights[s] * (of_weight[s] - mean) * slope_at(score);
    own += change;
    result.b.row(static_cast<std::size_t>(j))[head] += change;
  }
  result.a.row(i)[head] = own;
}

template <class Real>
void attend_backward(const AttentionState<Real>& forward, MatrixView<const Real> gradient, MatrixView<Real> a_gradient, MatrixView<Real> b_gradient,
                     MatrixView<Real> values_gradient) {
  const AttentionGradients<Real> result{a_gradient, b_gradient, values_gradient};
  std::vector<Real> of_weight(forward.table.columns + 1);
  for (std::size_t i = 0; i < forward.table.rows; ++i) {
    for (std::size_t head = 0; head < forward.a.columns; ++head) backward_row(forward, i, head, gradient, result, of_weight.data());
  }
}

template <class Real>
constexpr AttentionFunctions<Real> attention_functions{attend<Real>, attend_backward<Real>};
const AttentionFunctions<float>* float_attention_functions() { return &attention_functions<float>; }
const AttentionFunctions<double>* double_attention_functions() { return &attention_functions<double>; }

}  // namespace stationhit::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stationhit::kernels {
namespace {

HWY_EXPORT(float_attention_functions);
HWY_EXPORT(double_attention_functions);

// The functions of the best target for this processor.
template <class Real>
const AttentionFunctions<Real>& best() {
  if constexpr (std::is_same_v<Real, float>) {
    return *HWY_DYNAMIC_DISPATCH(float_attention_functions)();
  } else {
    return *HWY_DYNAMIC_DISPATCH(double_attention_functions)();
  }
}

}  // namespace

template <class Real>
void attend(NeighbourTable table, MatrixView<const Real> a, MatrixView<const Real> b, MatrixView<const Real> values, MatrixView<Real> out,
            MatrixView<Real> alpha) {
  best<Real>().forward(table, a, b, values, out, alpha);
}

template <class Real>
void attend_backward(const AttentionState<Real>& forward, MatrixView<const Real> gradient, MatrixView<Real> a_gradient, MatrixView<Real> b_gradient,
                     MatrixView<Real> values_gradient) {
  best<Real>().backward(forward, gradient, a_gradient, b_gradient, values_gradient);
}

template void attend(NeighbourTable, MatrixView<const float>, MatrixView<const float>, MatrixView<const float>, MatrixView<float>, MatrixView<float>);
template void attend(NeighbourTable, MatrixView<const double>, MatrixView<const double>, MatrixView<const double>, MatrixView<double>,
                     MatrixView<double>);
template void attend_backward(const AttentionState<float>&, MatrixView<const float>, MatrixView<float>, MatrixView<float>, MatrixView<float>);
template void attend_backward(const AttentionState<double>&, MatrixView<const double>, MatrixView<double>, MatrixView<double>, MatrixView<double>);

}  // namespace stationhit::kernels
#endif
