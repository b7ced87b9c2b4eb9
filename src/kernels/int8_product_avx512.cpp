// A few rows of the left factor become levels side by side in contiguous memory, four in 32 bits,
// and are then multiplied by all weights. Only the functions between the attributes are compiled
// for the instructions, so the program runs on every processor.
#include "int8_product_avx512.hpp"

#include <algorithm>

#include <hwy/highway.h>

#if HWY_ARCH_X86_64
#include <immintrin.h>

HWY_PUSH_ATTRIBUTES("avx512f,avx512vl,avx512dq,avx512bw,avx512vnni,fma")
#include "dot_tiles_avx512-inl.hpp"

namespace stationhit::kernels {
namespace {

constexpr std::size_t block_rows = 24;  // made together: they stay in the first-level cache

struct QuadDot {
  using Sum = __m512i;
  const std::int32_t* starts;
  const float* scales;

  [[nodiscard]] Sum start(std::size_t column) const { return _mm512_load_si512(starts + column); }
  static Sum add(Sum sum, __m512i levels, __m512i weights) {
    // The intrinsic of GCC 12 copies every sum twice, which takes most of the time.
    asm("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(levels), "v"(weights));  // NOLINT(*-no-assembler)
    return sum;
  }
  [[nodiscard]] __m512 finish(Sum sum, std::size_t column) const {
    return _mm512_mul_ps(_mm512_cvtepi32_ps(sum), _mm512_load_ps(scales + column));
  }
};

struct Levels {
  __m512 lowest, highest, scale, inverse;
  __m512i zero_point;
};

Levels levels_of(const Int8Weights& weights) {
  const float scale = weights.scale();
  const auto zero = static_cast<float>(weights.zero_point());
  return {_mm512_set1_ps(-zero * scale),
          _mm512_set1_ps((static_cast<float>(weights.largest_level()) - zero) * scale),
          _mm512_set1_ps(scale), _mm512_set1_ps(1 / scale),
          _mm512_set1_epi32(weights.zero_point())};
}

// The quotient is corrected by its remainder, which makes it the rounded one. NaN becomes the
// lowest level.
inline __m128i round_to_levels(__m512 x, const Levels& levels) {
  x = _mm512_min_ps(_mm512_max_ps(x, levels.lowest), levels.highest);
  const __m512 about = _mm512_mul_ps(x, levels.inverse);
  const __m512 remainder = _mm512_fnmadd_ps(about, levels.scale, x);
  const __m512 quotient = _mm512_fmadd_ps(remainder, levels.inverse, about);
  const __m512i nearest =
      _mm512_cvt_roundps_epi32(quotient, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  return _mm512_cvtepi32_epi8(_mm512_add_epi32(nearest, levels.zero_point));
}

// n numbers one behind the other. Writes up to 15 bytes more.
inline void make_levels(const float* from, std::size_t n, const Levels& levels, std::uint8_t* to) {
  std::size_t i = 0;
  for (; i + 16 <= n; i += 16)
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i),
                     round_to_levels(_mm512_loadu_ps(from + i), levels));
  if (i == n) return;
  const auto mask = static_cast<__mmask16>((1U << (n - i)) - 1U);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i),
                   round_to_levels(_mm512_maskz_loadu_ps(mask, from + i), levels));
}

// The rows of a panel, from the column `to` of the result on. Writes up to 15 columns behind them,
// which the next panel overwrites. Narrow rows that lie one behind the other fill vectors together.
void make_panel(const Panel& panel, std::size_t first, std::size_t rows, const Levels& levels,
                std::uint8_t* to, std::size_t stride, std::uint8_t* together) {
  const float* from = panel.data + first * panel.stride;
  if (panel.columns >= 16 || panel.stride != panel.columns) {
    for (std::size_t i = 0; i < rows; ++i)
      make_levels(from + i * panel.stride, panel.columns, levels, to + i * stride);
    return;
  }
  make_levels(from, rows * panel.columns, levels, together);
  for (std::size_t i = 0; i < rows; ++i)
    _mm_storeu_si128(
        reinterpret_cast<__m128i*>(to + i * stride),
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(together + i * panel.columns)));
}

void multiply_all(std::span<const Panel> panels, const Int8Weights& weights, const ProductEnd& end,
                  ConvertedRows& scratch, MatrixView<float> out) {
  const std::size_t groups = (weights.inputs() + 3) / 4;
  // Room for what the last panel writes behind its columns.
  const std::size_t stride = groups + 4, together = block_rows * stride;
  std::uint32_t* rows = scratch.reserve(together + block_rows * 4 + 8);
  auto* bytes = reinterpret_cast<std::uint8_t*>(rows);
  const Levels levels = levels_of(weights);
  const QuadDot dot{weights.starts(), weights.scales()};
  for (std::size_t first = 0; first < out.rows; first += block_rows) {
    const std::size_t n = std::min(block_rows, out.rows - first);
    std::size_t column = 0;
    for (const Panel& panel : panels) {
      make_panel(panel, first, n, levels, bytes + column, 4 * stride, bytes + 4 * together);
      column += panel.columns;
    }
    multiply_passes(dot, {rows, stride, groups}, weights.groups(),
                    padded_columns(weights.outputs()),
                    FloatOutput{rows_from(end, first, n), rows_from(out, first, n)});
  }
}

}  // namespace
}  // namespace stationhit::kernels
HWY_POP_ATTRIBUTES

namespace stationhit::kernels::avx512 {

bool has_vnni() {
  static const bool has = [] {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512vnni") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
           __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512vl") != 0;
  }();
  return has;
}

void multiply_int8(std::span<const Panel> panels, const Int8Weights& weights, const ProductEnd& end,
                   ConvertedRows& scratch, MatrixView<float> out) {
  multiply_all(panels, weights, end, scratch, out);
}

}  // namespace stationhit::kernels::avx512

#else

namespace stationhit::kernels::avx512 {

bool has_vnni() { return false; }

void multiply_int8(std::span<const Panel> /*panels*/, const Int8Weights& /*weights*/,
                   const ProductEnd& /*end*/, ConvertedRows& /*scratch*/,
                   MatrixView<float> /*out*/) {}

}  // namespace stationhit::kernels::avx512

#endif
