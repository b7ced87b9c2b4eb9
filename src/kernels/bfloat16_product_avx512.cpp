// Rows of the left factor are rounded side by side into contiguous memory, two columns in 32 bits,
// and then multiplied by all weights. Only the functions between the attributes are compiled
// for the instructions, so the program runs on every processor.
#include "bfloat16_product_avx512.hpp"

#include <algorithm>

#include <hwy/highway.h>

#include "avx512_targets.hpp"

#if HWY_ARCH_X86_64
#include <immintrin.h>

HWY_PUSH_ATTRIBUTES("avx512f,avx512vl,avx512dq,avx512bw,avx512bf16,fma")
#include "dot_tiles_avx512-inl.hpp"

namespace stationhit::kernels {
namespace {

struct PairDot {
  using Sum = __m512;
  const float* bias;

  [[nodiscard]] Sum start(std::size_t column) const { return _mm512_load_ps(bias + column); }
  static Sum add(Sum sum, __m512i pairs, __m512i weights) {
    return _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(pairs),
                            reinterpret_cast<__m512bh>(weights));
  }
  [[nodiscard]] static __m512 finish(Sum sum, std::size_t /*column*/) { return sum; }
};

// Planes of eight columns, as encodings of eight numbers are: four rows are side by side in memory.
constexpr std::size_t narrow = 8;

// Rounds them together and returns how many rows are done.
std::size_t round_narrow_panel(const float* from, std::size_t rows, std::uint16_t* to,
                               std::size_t stride) {
  std::size_t i = 0;
  for (; i + 4 <= rows; i += 4, from += 4 * narrow, to += 4 * stride) {
    const auto both = reinterpret_cast<__m512i>(
        _mm512_cvtne2ps_pbh(_mm512_loadu_ps(from + 2 * narrow), _mm512_loadu_ps(from)));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm512_castsi512_si128(both));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + stride), _mm512_extracti32x4_epi32(both, 1));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 2 * stride),
                     _mm512_extracti32x4_epi32(both, 2));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 3 * stride),
                     _mm512_extracti32x4_epi32(both, 3));
  }
  return i;
}

// The rows of a panel, from the column `to` of the result on. Writes up to 15 columns behind them,
// which the next panel overwrites.
void round_panel(const Panel& panel, std::size_t first, std::size_t rows, std::uint16_t* to,
                 std::size_t stride) {
  const std::size_t wide = panel.columns / 32 * 32;
  const float* from = panel.data + first * panel.stride;
  if (panel.columns == narrow && panel.stride == narrow) {
    const std::size_t done = round_narrow_panel(from, rows, to, stride);
    from += done * narrow;
    to += done * stride;
    rows -= done;
  }
  for (std::size_t i = 0; wide > 0 && i < rows; ++i) {
    const float* row = from + i * panel.stride;
    for (std::size_t c = 0; c < wide; c += 32) {
      const __m512bh both =
          _mm512_cvtne2ps_pbh(_mm512_loadu_ps(row + c + 16), _mm512_loadu_ps(row + c));
      _mm512_storeu_si512(to + i * stride + c, reinterpret_cast<__m512i>(both));
    }
  }
  for (std::size_t c = wide; c < panel.columns; c += 16) {
    const std::size_t n = std::min<std::size_t>(16, panel.columns - c);
    const auto mask = static_cast<__mmask16>((1U << n) - 1U);
    for (std::size_t i = 0; i < rows; ++i) {
      const __m512 numbers = _mm512_maskz_loadu_ps(mask, from + i * panel.stride + c);
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + i * stride + c),
                          reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(numbers)));
    }
  }
}

// The order of floating-point numbers is that of their bits where they are positive, and the other
// one where they are negative.
struct OrderedOutput {
  MatrixView<OrderedBfloat16> out;

  [[nodiscard]] std::size_t rows() const { return out.rows; }
  void store(__m512 x, std::size_t row, std::size_t column) const {
    const auto bits = reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(x));
    const __m256i negative = _mm256_srai_epi16(bits, 15);
    const __m256i turned = _mm256_and_si256(negative, _mm256_set1_epi16(0x7FFF));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out.row(row) + column),
                        _mm256_xor_si256(bits, turned));
  }
};

template <class Output>
void multiply_all(const Bfloat16Rows& rows, const Bfloat16Weights& weights, const Output& output) {
  const std::size_t columns = padded_columns(weights.outputs());
  const PairDot dot{reinterpret_cast<const float*>(weights.pairs())};
  multiply_passes(dot, {rows.pairs.data, rows.pairs.stride, rows.pairs.columns},
                  weights.pairs() + columns, columns, output);
}

}  // namespace
}  // namespace stationhit::kernels
HWY_POP_ATTRIBUTES

namespace stationhit::kernels::avx512 {

bool has_bfloat16() {
  static const bool has = [] {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512bf16") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
           __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512vl") != 0;
  }();
  return has;
}

namespace {

// Rows in which columns are written from the left to the right. An odd number of columns gets one
// more, of zeros.
class RowWriter {
 public:
  RowWriter(std::size_t rows, std::size_t columns, ConvertedRows& memory)
      : rows_(rows), columns_(columns), stride_(2 * padded_columns((columns + 1) / 2 + slack)) {
    to_ = reinterpret_cast<std::uint16_t*>(memory.reserve(rows * stride_ / 2));
  }

  void add(std::span<const Panel> panels, std::size_t first) {
    for (const Panel& panel : panels) {
      round_panel(panel, first, rows_, to_ + column_, stride_);
      column_ += panel.columns;
    }
  }
  void add(const WaveEncoder& waves, const float* numbers) {
    encode_rounded(waves, numbers, rows_, to_ + column_, stride_);
    column_ += 2 * waves.numbers() * waves.scales();
  }
  [[nodiscard]] Bfloat16Rows finish() const {
    if (columns_ % 2 == 1)
      for (std::size_t i = 0; i < rows_; ++i) to_[i * stride_ + columns_] = 0;
    const auto* pairs = reinterpret_cast<const std::uint32_t*>(to_);
    return {.pairs = {pairs, rows_, (columns_ + 1) / 2, stride_ / 2}, .values = {}};
  }

 private:
  static constexpr std::size_t slack = 8;  // pairs: room for what is written behind the columns
  std::size_t rows_, columns_, stride_, column_ = 0;
  std::uint16_t* to_;
};

}  // namespace

Bfloat16Rows round_rows(std::span<const Panel> panels, std::size_t first, std::size_t n,
                        ConvertedRows& memory) {
  RowWriter rows(n, columns_of(panels), memory);
  rows.add(panels, first);
  return rows.finish();
}

Bfloat16Rows round_encoded(const EncodedRows& encoded, std::size_t n, ConvertedRows& memory) {
  const auto& [before, waves, numbers, after] = encoded;
  const std::size_t of_waves = 2 * waves.numbers() * waves.scales();
  RowWriter rows(n, columns_of(before) + of_waves + columns_of(after), memory);
  rows.add(before, 0);
  rows.add(waves, numbers);
  rows.add(after, 0);
  return rows.finish();
}

void multiply_bfloat16(const Bfloat16Rows& rows, const Bfloat16Weights& weights,
                       const ProductEnd& end, MatrixView<float> out) {
  multiply_all(rows, weights, FloatOutput{end, out});
}

void multiply_bfloat16(const Bfloat16Rows& rows, const Bfloat16Weights& weights,
                       MatrixView<OrderedBfloat16> out) {
  multiply_all(rows, weights, OrderedOutput{out});
}

}  // namespace stationhit::kernels::avx512

#else

namespace stationhit::kernels::avx512 {

bool has_bfloat16() { return false; }

Bfloat16Rows round_rows(std::span<const Panel> /*panels*/, std::size_t /*first*/, std::size_t /*n*/,
                        ConvertedRows& /*memory*/) {
  return {};
}

Bfloat16Rows round_encoded(const EncodedRows& /*encoded*/, std::size_t /*n*/,
                           ConvertedRows& /*memory*/) {
  return {};
}

void multiply_bfloat16(const Bfloat16Rows& /*rows*/, const Bfloat16Weights& /*weights*/,
                       const ProductEnd& /*end*/, MatrixView<float> /*out*/) {}

void multiply_bfloat16(const Bfloat16Rows& /*rows*/, const Bfloat16Weights& /*weights*/,
                       MatrixView<OrderedBfloat16> /*out*/) {}

}  // namespace stationhit::kernels::avx512

#endif
