#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>

#include <stationhit/kernels/packed_product.hpp>
#include <stationhit/kernels/row_operations.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "row_operations.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// Comes after highway.h, because it is compiled once per target.
#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace stationhit::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Tag = hn::ScalableTag<float>;

// The lanes of the columns [c, c + lanes) that belong to the row.
HWY_INLINE auto inside(Tag d, std::size_t c, std::size_t columns) {
  return hn::FirstN(d, c < columns ? columns - c : 0);
}

void normalize_rows(MatrixView<const float> x, const NormConstants& constants,
                    MatrixView<float> out) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d), columns = x.columns, padded = padded_columns(columns);
  const auto count = static_cast<float>(columns);
  for (std::size_t i = 0; i < x.rows; ++i) {
    const float* row = x.row(i);
    auto sum = hn::Zero(d);
    for (std::size_t c = 0; c < padded; c += lanes)
      sum = hn::Add(sum, hn::IfThenElseZero(inside(d, c, columns), hn::LoadU(d, row + c)));
    const auto mean = hn::Set(d, hn::GetLane(hn::SumOfLanes(d, sum)) / count);
    auto squares = hn::Zero(d);
    for (std::size_t c = 0; c < padded; c += lanes) {
      const auto centered =
          hn::IfThenElseZero(inside(d, c, columns), hn::Sub(hn::LoadU(d, row + c), mean));
      squares = hn::Add(squares, hn::Mul(centered, centered));
    }
    const float variance = hn::GetLane(hn::SumOfLanes(d, squares)) / count;
    const auto scale = hn::Set(d, 1 / std::sqrt(variance + constants.epsilon));
    for (std::size_t c = 0; c < padded; c += lanes) {
      const auto normed = hn::Mul(hn::Sub(hn::LoadU(d, row + c), mean), scale);
      const auto value = hn::Add(hn::Mul(normed, hn::LoadU(d, constants.weight.data() + c)),
                                 hn::LoadU(d, constants.bias.data() + c));
      hn::StoreU(hn::IfThenElseZero(inside(d, c, columns), value), d, out.row(i) + c);
    }
  }
}

void finish_rows(MatrixView<const float> values, MatrixView<const float> before, float slope,
                 MatrixView<const float> after, MatrixView<float> out) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d), columns = padded_columns(values.columns);
  for (std::size_t i = 0; i < values.rows; ++i) {
    for (std::size_t c = 0; c < columns; c += lanes) {
      auto x = hn::LoadU(d, values.row(i) + c);
      if (before.data != nullptr) x = hn::Add(x, hn::LoadU(d, before.row(i) + c));
      x = hn::Max(hn::Mul(hn::Set(d, slope), x), x);
      if (after.data != nullptr) x = hn::Add(x, hn::LoadU(d, after.row(i) + c));
      hn::StoreU(x, d, out.row(i) + c);
    }
  }
}

// Replaces every vector v by step(v).
template <class Step>
HWY_INLINE void replace_all(std::span<float> values, const Step& step) {
  const Tag d;
  for (std::size_t i = 0; i < values.size(); i += hn::Lanes(d))
    hn::StoreU(step(hn::LoadU(d, values.data() + i)), d, values.data() + i);
}

void apply_silu(std::span<float> values) {
  replace_all(values, [](auto x) HWY_ATTR {
    // Exp takes no large arguments, so it gets -|x|.
    const Tag d;
    const auto one = hn::Set(d, 1.0F), small = hn::Exp(d, hn::Neg(hn::Abs(x)));
    const auto numerator = hn::IfThenElse(hn::Lt(x, hn::Zero(d)), small, one);
    return hn::Mul(x, hn::Div(numerator, hn::Add(one, small)));
  });
}

// log(1 + x), x >= 0. With the power of two s that brings s (1 + x) next to 1, x s + (s - 1) is
// rounded once, so small numbers lose no digits. The polynomial is that of the logarithm between
// sqrt(1/2) and sqrt(2) (Moshier, Cephes logf). Numbers for which s is none, infinity and NaN are
// left to the C library.
HWY_INLINE hn::Vec<Tag> logarithm_of_one_more(hn::Vec<Tag> x) {
  const Tag d;
  const hn::RebindToSigned<Tag> di;
  const auto one = hn::Set(d, 1.0F);
  constexpr std::int32_t bits_of_one = 0x3F800000, bits_of_half_root = 0x3F3504F3;
  const auto bits = hn::BitCast(di, hn::Add(one, x));
  const auto power = hn::ShiftRight<23>(hn::Sub(bits, hn::Set(di, bits_of_half_root)));
  const auto scale = hn::BitCast(d, hn::Sub(hn::Set(di, bits_of_one), hn::ShiftLeft<23>(power)));
  const auto f = hn::MulAdd(x, scale, hn::Sub(scale, one)), square = hn::Mul(f, f);
  const auto step = [&](auto sum, float coefficient)
                        HWY_ATTR { return hn::MulAdd(sum, f, hn::Set(d, coefficient)); };
  auto sum = step(hn::Set(d, 7.0376836292e-2F), -1.1514610310e-1F);
  sum = step(step(sum, 1.1676998740e-1F), -1.2420140846e-1F);
  sum = step(step(sum, 1.4249322787e-1F), -1.6668057665e-1F);
  sum = step(step(sum, 2.0000714765e-1F), -2.4999993993e-1F);
  sum = step(sum, 3.3333331174e-1F);
  // log 2 in two parts, the first of which has few digits.
  const auto times = hn::ConvertTo(d, power);
  sum = hn::MulAdd(times, hn::Set(d, -2.12194440e-4F), hn::Mul(hn::Mul(sum, f), square));
  sum = hn::NegMulAdd(hn::Set(d, 0.5F), square, sum);
  const auto result = hn::MulAdd(times, hn::Set(d, 0.693359375F), hn::Add(f, sum));
  constexpr float largest = 0x1p125F;
  const auto is_usual = hn::Le(x, hn::Set(d, largest));
  if (HWY_LIKELY(hn::AllTrue(d, is_usual))) return result;
  HWY_ALIGN float by_library[hn::MaxLanes(d)];
  hn::Store(x, d, by_library);
  for (std::size_t i = 0; i < hn::Lanes(d); ++i) by_library[i] = std::log1p(by_library[i]);
  return hn::IfThenElse(is_usual, result, hn::Load(d, by_library));
}

void apply_signed_logarithm(std::span<float> values, float factor) {
  replace_all(values, [factor](auto x) HWY_ATTR {
    return hn::CopySign(hn::Mul(logarithm_of_one_more(hn::Abs(x)), hn::Set(Tag(), factor)), x);
  });
}

void apply_log1p(std::span<float> values) {
  replace_all(values, [](auto x) HWY_ATTR { return logarithm_of_one_more(x); });
}

}  // namespace stationhit::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stationhit::kernels {

HWY_EXPORT(normalize_rows);
HWY_EXPORT(finish_rows);
HWY_EXPORT(apply_silu);
HWY_EXPORT(apply_signed_logarithm);
HWY_EXPORT(apply_log1p);

void normalize_rows(MatrixView<const float> x, const NormConstants& constants,
                    MatrixView<float> out) {
  HWY_DYNAMIC_DISPATCH(normalize_rows)(x, constants, out);
}

void finish_rows(MatrixView<const float> values, MatrixView<const float> before, float slope,
                 MatrixView<const float> after, MatrixView<float> out) {
  HWY_DYNAMIC_DISPATCH(finish_rows)(values, before, slope, after, out);
}

void apply_silu(std::span<float> values) { HWY_DYNAMIC_DISPATCH(apply_silu)(values); }

void apply_gelu(std::span<float> values) {
  for (float& x : values) x *= 0.5F * (1 + std::erf(x / std::numbers::sqrt2_v<float>));
}

void apply_signed_logarithm(std::span<float> values, float factor) {
  HWY_DYNAMIC_DISPATCH(apply_signed_logarithm)(values, factor);
}

void apply_log1p(std::span<float> values) { HWY_DYNAMIC_DISPATCH(apply_log1p)(values); }

}  // namespace stationhit::kernels
#endif
