// An arc tangent is taken of the smaller coordinate over the larger one and moved to its octant;
// the functions of one number are those of Highway.
#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <numbers>

#include <stationhit/kernels/directions.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "directions.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "hwy/contrib/math/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace stationhit::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Calls step(tag, i) for all i, with whole vectors as long as there are any and then with single
// values, which have the same results.
template <class Step>
HWY_INLINE void for_vectors(std::size_t n, const Step& step) {
  const hn::ScalableTag<double> whole;
  std::size_t i = 0;
  for (; i + hn::Lanes(whole) <= n; i += hn::Lanes(whole)) step(whole, i);
  for (; i < n; ++i) step(hn::CappedTag<double, 1>(), i);
}

template <class D, class V>
HWY_INLINE void store_rounded(D /*tag*/, V values, float* out) {
  const hn::Rebind<float, D> to;
  hn::StoreU(hn::DemoteTo(to, values), to, out);
}

template <class D, class V>
HWY_INLINE V azimuth(D d, V y, V x) {
  const auto height = hn::Abs(y), width = hn::Abs(x);
  const auto larger = hn::Max(height, width), smaller = hn::Min(height, width);
  const auto is_origin = hn::Eq(larger, hn::Zero(d));
  const auto slope = hn::Div(smaller, hn::IfThenElse(is_origin, hn::Set(d, 1.0), larger));
  auto angle = hn::Atan(d, slope);
  const auto half = hn::Set(d, std::numbers::pi / 2), whole = hn::Set(d, std::numbers::pi);
  angle = hn::IfThenElse(hn::Gt(height, width), hn::Sub(half, angle), angle);
  // The sign bit: -0 is on the left of the axis.
  angle = hn::IfThenElse(hn::Lt(hn::CopySign(hn::Set(d, 1.0), x), hn::Zero(d)),
                         hn::Sub(whole, angle), angle);
  return hn::CopySign(angle, y);
}

void azimuths(std::span<const double> y, std::span<const double> x, std::span<float> out) {
  for_vectors(out.size(), [&](auto d, std::size_t i) HWY_ATTR {
    store_rounded(d, azimuth(d, hn::LoadU(d, &y[i]), hn::LoadU(d, &x[i])), &out[i]);
  });
}

void inverse_hyperbolic_sines(std::span<const double> x, std::span<float> out) {
  for_vectors(out.size(), [&](auto d, std::size_t i) HWY_ATTR {
    store_rounded(d, hn::Asinh(d, hn::LoadU(d, &x[i])), &out[i]);
  });
}

}  // namespace stationhit::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stationhit::kernels {

HWY_EXPORT(azimuths);
HWY_EXPORT(inverse_hyperbolic_sines);

void azimuths(std::span<const double> y, std::span<const double> x, std::span<float> out) {
  assert(y.size() == out.size() && x.size() == out.size());
  HWY_DYNAMIC_DISPATCH(azimuths)(y, x, out);
}

void inverse_hyperbolic_sines(std::span<const double> x, std::span<float> out) {
  assert(x.size() == out.size());
  HWY_DYNAMIC_DISPATCH(inverse_hyperbolic_sines)(x, out);
}

}  // namespace stationhit::kernels
#endif
