// Sines and cosines as in encoding.cpp, operation by operation, of which only the rounded values
// are written: at the places of their rows, so that nobody reads them again before the products.
// Only the functions between the attributes are compiled for the instructions.
#include <algorithm>

#include <hwy/highway.h>

#include "bfloat16_product_avx512.hpp"
#include "sine_constants.hpp"

#if HWY_ARCH_X86_64
#include <immintrin.h>

HWY_PUSH_ATTRIBUTES("avx512f,avx512vl,avx512dq,avx512bw,avx512bf16,fma")

namespace stationhit::kernels {
namespace {

constexpr std::size_t lanes = 16, half = lanes / 2;

inline __m512 multiply_add(__m512 a, __m512 b, float c) {
  return _mm512_fmadd_ps(a, b, _mm512_set1_ps(c));
}

inline __m512 flip_signs(__m512 x, __m512i quadrant) {
  const __m512i second = _mm512_and_si512(quadrant, _mm512_set1_epi32(2));
  return _mm512_xor_ps(x, _mm512_castsi512_ps(_mm512_slli_epi32(second, 30)));
}

// The sines of 16 angles in the low half, their cosines in the high half.
inline __m512i rounded_waves(__m512 angle) {
  constexpr int nearest = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
  const __m512 quotient =
      _mm512_roundscale_ps(_mm512_mul_ps(angle, _mm512_set1_ps(two_over_pi)), nearest);
  __m512 r = _mm512_fnmadd_ps(quotient, _mm512_set1_ps(half_pi_1), angle);
  r = _mm512_fnmadd_ps(quotient, _mm512_set1_ps(half_pi_2), r);
  r = _mm512_fnmadd_ps(quotient, _mm512_set1_ps(half_pi_3), r);
  const __m512 r2 = _mm512_mul_ps(r, r);
  __m512 sum = multiply_add(_mm512_set1_ps(sine_7), r2, sine_5);
  sum = multiply_add(sum, r2, sine_3);
  const __m512 sine = _mm512_fmadd_ps(_mm512_mul_ps(sum, r2), r, r);
  sum = multiply_add(_mm512_set1_ps(cosine_8), r2, cosine_6);
  sum = multiply_add(sum, r2, cosine_4);
  const __m512 first = _mm512_fnmadd_ps(_mm512_set1_ps(0.5F), r2, _mm512_set1_ps(1.0F));
  const __m512 cosine = _mm512_fmadd_ps(_mm512_mul_ps(sum, r2), r2, first);
  const __m512i quadrant = _mm512_cvtps_epi32(quotient), one = _mm512_set1_epi32(1);
  const __mmask16 swapped = _mm512_test_epi32_mask(quadrant, one);
  const __m512 s = flip_signs(_mm512_mask_blend_ps(swapped, sine, cosine), quadrant);
  const __m512 c =
      flip_signs(_mm512_mask_blend_ps(swapped, cosine, sine), _mm512_add_epi32(quadrant, one));
  return reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(c, s));
}

inline __mmask16 first_lanes(std::size_t n) { return static_cast<__mmask16>((1U << n) - 1U); }

// A vector holds a part of one row. The last part comes first, so that what is written behind the
// sines is written over by the first cosines.
void encode_wide(const WaveEncoder& waves, const float* numbers, std::size_t rows,
                 std::uint16_t* to, std::size_t stride) {
  const std::size_t width = waves.numbers(), scales = waves.scales();
  const bool one_for_all = waves.one_for_all();
  for (std::size_t i = 0; i < rows; ++i, to += stride) {
    const float* row = numbers + i * width;
    for (std::size_t s = 0; s < scales; ++s) {
      const float* of_scale = waves.frequencies(s);
      std::uint16_t* out = to + 2 * s * width;
      for (std::size_t f = (width - 1) / lanes * lanes + lanes; f > 0;) {
        f -= lanes;
        const __mmask16 mask = first_lanes(std::min(lanes, width - f));
        const __m512 frequency =
            one_for_all ? _mm512_set1_ps(of_scale[0]) : _mm512_maskz_loadu_ps(mask, of_scale + f);
        const __m512i both =
            rounded_waves(_mm512_mul_ps(_mm512_maskz_loadu_ps(mask, row + f), frequency));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + f), _mm512_castsi512_si256(both));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + width + f),
                            _mm512_extracti64x4_epi64(both, 1));
      }
    }
  }
}

// One row in each half of a vector.
inline __m512 load_pair(const float* row, const float* next, std::size_t n) {
  const __mmask8 mask = static_cast<__mmask8>(first_lanes(n));
  const __m256 low = _mm256_maskz_loadu_ps(mask, row), high = _mm256_maskz_loadu_ps(mask, next);
  return _mm512_insertf32x8(_mm512_castps256_ps512(low), high, 1);
}

inline void store_waves(__m256i row, std::size_t width, std::uint16_t* out) {
  if (width == half) return _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), row);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm256_castsi256_si128(row));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out + width), _mm256_extracti128_si256(row, 1));
}

// Two rows at a time; the last one of an odd number twice.
void encode_narrow(const WaveEncoder& waves, const float* numbers, std::size_t rows,
                   std::uint16_t* to, std::size_t stride) {
  const std::size_t width = waves.numbers(), scales = waves.scales();
  const bool one_for_all = waves.one_for_all();
  for (std::size_t i = 0; i < rows; i += 2) {
    const std::size_t next = std::min(i + 1, rows - 1);
    const __m512 x = load_pair(numbers + i * width, numbers + next * width, width);
    for (std::size_t s = 0; s < scales; ++s) {
      const float* of_scale = waves.frequencies(s);
      const __m512 frequency =
          one_for_all ? _mm512_set1_ps(of_scale[0]) : load_pair(of_scale, of_scale, width);
      const __m512i both = rounded_waves(_mm512_mul_ps(x, frequency));
      // Sines and cosines of a row stand side by side.
      const __m512i of_rows = _mm512_shuffle_i32x4(both, both, 0b11'01'10'00);
      std::uint16_t* out = to + 2 * s * width;
      store_waves(_mm512_castsi512_si256(of_rows), width, out + i * stride);
      store_waves(_mm512_extracti64x4_epi64(of_rows, 1), width, out + next * stride);
    }
  }
}

}  // namespace
}  // namespace stationhit::kernels
HWY_POP_ATTRIBUTES

namespace stationhit::kernels::avx512 {

void encode_rounded(const WaveEncoder& waves, const float* numbers, std::size_t rows,
                    std::uint16_t* to, std::size_t stride) {
  waves.numbers() <= half ? encode_narrow(waves, numbers, rows, to, stride)
                          : encode_wide(waves, numbers, rows, to, stride);
}

}  // namespace stationhit::kernels::avx512

#else

namespace stationhit::kernels::avx512 {

void encode_rounded(const WaveEncoder& /*waves*/, const float* /*numbers*/, std::size_t /*rows*/,
                    std::uint16_t* /*to*/, std::size_t /*stride*/) {}

}  // namespace stationhit::kernels::avx512

#endif
