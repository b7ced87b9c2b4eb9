// Each node is normalized once; then sine and cosine of every angle are computed together. Angles
// are reduced to [-pi/4, pi/4] by subtracting a multiple of pi / 2 in three parts (Cody and Waite),
// and evaluated with minimax polynomials. Large or non-finite angles, and processors without fused
// multiply-add, use the C library.
#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include <stationhit/kernels/encoding.hpp>
#include <stationhit/kernels/packed_product.hpp>

#include "sine_constants.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "encoding.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace stationhit::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_NATIVE_FMA
constexpr bool has_fma = true;
#else
constexpr bool has_fma = false;
#endif

template <class D, class V>
HWY_INLINE V sine_polynomial(D d, V r, V r2) {
  auto sum = hn::MulAdd(hn::Set(d, sine_7), r2, hn::Set(d, sine_5));
  sum = hn::MulAdd(sum, r2, hn::Set(d, sine_3));
  return hn::MulAdd(hn::Mul(sum, r2), r, r);
}
template <class D, class V>
HWY_INLINE V cosine_polynomial(D d, V r2) {
  auto sum = hn::MulAdd(hn::Set(d, cosine_8), r2, hn::Set(d, cosine_6));
  sum = hn::MulAdd(sum, r2, hn::Set(d, cosine_4));
  return hn::MulAdd(hn::Mul(sum, r2), r2, hn::NegMulAdd(hn::Set(d, 0.5F), r2, hn::Set(d, 1.0F)));
}

// Stores the sines and the cosines of a vector of angles up to largest_fast_angle.
template <class V>
HWY_INLINE void store_sine_and_cosine(V angle, float* sines, float* cosines) {
  const hn::ScalableTag<float> d;
  const hn::RebindToSigned<decltype(d)> di;
  // The number of quarter turns.
  const auto quotient = hn::Round(hn::Mul(angle, hn::Set(d, two_over_pi)));
  auto r = hn::NegMulAdd(quotient, hn::Set(d, half_pi_1), angle);
  r = hn::NegMulAdd(quotient, hn::Set(d, half_pi_2), r);
  r = hn::NegMulAdd(quotient, hn::Set(d, half_pi_3), r);
  const auto r2 = hn::Mul(r, r);
  const auto sine = sine_polynomial(d, r, r2), cosine = cosine_polynomial(d, r2);
  // Quadrant q: sin is (s, c, -s, -c), cos is (c, -s, -c, s).
  const auto quadrant = hn::ConvertTo(di, quotient), one = hn::Set(di, 1), two = hn::Set(di, 2);
  // Odd quadrants swap sine and cosine: the lowest bit becomes a mask. The second bit moves to the
  // sign bit (bit 31) and is applied by XOR.
  const auto swapped = hn::MaskFromVec(hn::BitCast(d, hn::Neg(hn::And(quadrant, one))));
  const auto sine_sign = hn::BitCast(d, hn::ShiftLeft<30>(hn::And(quadrant, two)));
  const auto cosine_sign = hn::BitCast(d, hn::ShiftLeft<30>(hn::And(hn::Add(quadrant, one), two)));
  hn::StoreU(hn::Xor(hn::IfThenElse(swapped, cosine, sine), sine_sign), d, sines);
  hn::StoreU(hn::Xor(hn::IfThenElse(swapped, sine, cosine), cosine_sign), d, cosines);
}

// Encodes one node at a time; its normalized features are padded with 0 to whole vectors.
class EncodedRow {
 public:
  EncodedRow(std::size_t n_features, const EncodingConstants& constants)
      : n_(n_features),
        constants_(constants),
        normalized_(n_features + hn::Lanes(hn::ScalableTag<float>()), 0.0F) {
    for (const float frequency : constants.frequencies)
      highest_ = std::max(highest_, std::abs(frequency));
  }

  // Writes the 2 F S values of a node, and writes past their end by less than a vector.
  void encode(const float* features, float* out) {
    float largest = 0;
    for (std::size_t f = 0; f < n_; ++f) {
      normalized_[f] = normalize(features[f], f);
      // The comparison is also false for NaN, which is therefore kept.
      if (!(std::abs(normalized_[f]) <= largest)) largest = std::abs(normalized_[f]);
    }
    const bool fast = has_fma && largest * highest_ <= largest_fast_angle;
    for (const float frequency : constants_.frequencies) {
      fast ? encode_vectors(frequency, out) : encode_with_library(frequency, out);
      out += 2 * n_;
    }
  }

 private:
  [[nodiscard]] float normalize(float x, std::size_t f) const {
    const float scaled =
        constants_.mean.empty() ? x : (x - constants_.mean[f]) * constants_.inv_std[f];
    // NaN stays NaN.
    return constants_.limit > 0 ? std::clamp(scaled, -constants_.limit, constants_.limit) : scaled;
  }

  void encode_vectors(float frequency, float* out) const {
    const hn::ScalableTag<float> d;
    const std::size_t lanes = hn::Lanes(d);
    // Goes from the last vector to the first, so that values written past the end of the sines are
    // overwritten by the first cosines.
    for (std::size_t end = (n_ + lanes - 1) / lanes * lanes; end > 0; end -= lanes) {
      const std::size_t f = end - lanes;
      store_sine_and_cosine(hn::Mul(hn::LoadU(d, normalized_.data() + f), hn::Set(d, frequency)),
                            out + f, out + n_ + f);
    }
  }

  void encode_with_library(float frequency, float* out) const {
    for (std::size_t f = 0; f < n_; ++f) {
      const float angle = normalized_[f] * frequency;
      out[f] = std::sin(angle);
      out[n_ + f] = std::cos(angle);
    }
  }

  std::size_t n_;
  const EncodingConstants& constants_;
  std::vector<float> normalized_;
  float highest_ = 0;  // frequency
};

void encode(MatrixView<const float> features, const EncodingConstants& constants,
            std::span<float> out) {
  const std::size_t width = 2 * features.columns * constants.frequencies.size();
  const std::size_t overrun = hn::Lanes(hn::ScalableTag<float>());
  EncodedRow row(features.columns, constants);
  std::vector<float> last(width + overrun);
  for (std::size_t i = 0; i < features.rows; ++i) {
    const bool room = (features.rows - i - 1) * width >= overrun;  // the next rows come later
    row.encode(features.row(i), room ? out.data() + i * width : last.data());
    if (!room) std::copy_n(last.data(), width, out.data() + i * width);
  }
}

// n numbers, a multiple of 16, and either one frequency or one for each of them.
void encode_plane(const float* x, std::size_t n, const float* frequencies, bool one_for_all,
                  float* sines, float* cosines) {
  const hn::ScalableTag<float> d;
  const auto common = hn::Set(d, frequencies[0]);
  for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
    const auto frequency = one_for_all ? common : hn::LoadU(d, frequencies + i);
    store_sine_and_cosine(hn::Mul(hn::LoadU(d, x + i), frequency), sines + i, cosines + i);
  }
}

// Whether the fast sine holds for all of these angles; also false where a number is NaN.
bool all_fast(const float* x, std::size_t n, float highest_frequency) {
  if (!has_fma) return false;
  // Without a branch, so that it runs in vectors.
  unsigned slow = 0;
  for (std::size_t i = 0; i < n; ++i)
    slow |= std::abs(x[i]) * highest_frequency <= largest_fast_angle ? 0U : 1U;
  return slow == 0;
}

}  // namespace stationhit::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stationhit::kernels {

HWY_EXPORT(encode);
HWY_EXPORT(encode_plane);
HWY_EXPORT(all_fast);

void encode(MatrixView<const float> features, const EncodingConstants& constants,
            std::span<float> out) {
  HWY_DYNAMIC_DISPATCH(encode)(features, constants, out);
}

WaveEncoder::WaveEncoder(MatrixView<const float> frequencies, std::size_t numbers, std::size_t rows)
    : numbers_(numbers), rows_(rows), one_for_all_(frequencies.columns == 1) {
  for (std::size_t s = 0; s < frequencies.rows; ++s) {
    const std::span<const float> of_scale(frequencies.row(s), frequencies.columns);
    for (const float frequency : of_scale) highest_ = std::max(highest_, std::abs(frequency));
    for (std::size_t row = 0; row < (one_for_all_ ? 1 : rows); ++row)
      frequencies_.insert(frequencies_.end(), of_scale.begin(), of_scale.end());
  }
}

bool WaveEncoder::is_fast(const float* x, std::size_t rows) const {
  return HWY_DYNAMIC_DISPATCH(all_fast)(x, rows * numbers_, highest_);
}

void WaveEncoder::encode(const float* x, std::size_t rows, std::size_t first, std::size_t last,
                         float* planes) const {
  const std::size_t n = rows * numbers_, padded = padded_columns(n);
  for (std::size_t s = first; s < last; ++s) {
    float* sines = planes + 2 * (s - first) * plane();
    HWY_DYNAMIC_DISPATCH(encode_plane)
    (x, padded, frequencies(s), one_for_all_, sines, sines + plane());
  }
  if (is_fast(x, rows)) return;
  for (std::size_t row = 0; row < rows; ++row) {
    if (is_fast(x + row * numbers_, 1)) continue;
    for (std::size_t s = first; s < last; ++s) {
      float* sines = planes + 2 * (s - first) * plane() + row * numbers_;
      for (std::size_t f = 0; f < numbers_; ++f) {
        const float angle = x[row * numbers_ + f] * frequencies(s)[one_for_all_ ? 0 : f];
        sines[f] = std::sin(angle);
        sines[plane() + f] = std::cos(angle);
      }
    }
  }
}

}  // namespace stationhit::kernels
#endif
