// Where there is no VDPBF16PS, rows of the left factor are rounded to float32 numbers with 8
// significant bits and multiplied by packed_product.hpp, which adds one product after the other. In
// both factors the columns of each pair are exchanged, so that the order of the sums is the same.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <stationhit/kernels/bfloat16_product.hpp>

#include "avx512_targets.hpp"
#include "bfloat16_product_avx512.hpp"
#include "pass_layout.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bfloat16_product.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace stationhit::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::ScalableTag<float>;

HWY_INLINE hn::Vec<Tag> round_vector(hn::Vec<Tag> x) {
  const Tag d;
  const hn::RebindToUnsigned<Tag> du;
  const auto half = hn::Set(du, 0x7FFF), last = hn::Set(du, 1), kept = hn::Set(du, 0xFFFF0000);
  const auto bits = hn::BitCast(du, x);
  // A tie goes up where the last bit that stays is odd.
  const auto up = hn::Add(half, hn::And(hn::ShiftRight<16>(bits), last));
  const auto rounded = hn::BitCast(d, hn::And(hn::Add(bits, up), kept));
  const auto smallest = hn::Set(d, std::numeric_limits<float>::min());
  const auto normal = hn::IfThenElseZero(hn::Ge(hn::Abs(x), smallest), rounded);
  return hn::IfThenElse(hn::IsNaN(x), x, normal);
}

// In place: rounds numbers and exchanges those of every pair. n: a multiple of 16.
void round_and_exchange(float* values, std::size_t n) {
  const Tag d;
  for (std::size_t i = 0; i < n; i += hn::Lanes(d))
    hn::Store(round_vector(hn::Load(d, values + i)), d, values + i);
  for (std::size_t i = 0; i < n; i += 2) std::swap(values[i], values[i + 1]);
}

// n: a multiple of 16.
void round_to_ordered(const float* values, std::size_t n, OrderedBfloat16* out) {
  const Tag d;
  const hn::RebindToSigned<Tag> di;
  const hn::Rebind<OrderedBfloat16, Tag> narrow;
  for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
    const auto bits = hn::BitCast(di, round_vector(hn::Load(d, values + i)));
    const auto turned = hn::And(hn::ShiftRight<31>(bits), hn::Set(di, 0x7FFFFFFF));
    hn::StoreU(hn::DemoteTo(narrow, hn::ShiftRight<16>(hn::Xor(bits, turned))), narrow, out + i);
  }
}

}  // namespace stationhit::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stationhit::kernels {

HWY_EXPORT(round_and_exchange);
HWY_EXPORT(round_to_ordered);

namespace {

constexpr std::size_t block_rows = 24;  // rounded together: they stay in the first-level cache

std::size_t even(std::size_t n) { return n + n % 2; }

std::uint32_t upper_half(float x) { return std::bit_cast<std::uint32_t>(x) >> 16; }

// [outputs, even(inputs)]
std::vector<float> exchange_pairs(MatrixView<const float> weight) {
  const std::size_t columns = even(weight.columns);
  std::vector<float> values(weight.rows * columns, 0.0F);
  for (std::size_t out = 0; out < weight.rows; ++out) {
    for (std::size_t in = 0; in < weight.columns; ++in)
      values[out * columns + (in ^ 1U)] = round_to_bfloat16(weight.row(out)[in]);
  }
  return values;
}

Bfloat16Rows round_in_float(std::span<const Panel> panels, std::size_t first, std::size_t n,
                            ConvertedRows& memory) {
  const std::size_t columns = columns_of(panels);
  const std::size_t stride = padded_columns(columns);
  auto* values = reinterpret_cast<float*>(memory.reserve(n * stride));
  for (std::size_t i = 0; i < n; ++i)
    copy_row(panels, first + i, std::span(values + i * stride, stride));
  HWY_DYNAMIC_DISPATCH(round_and_exchange)(values, n * stride);
  return {.pairs = {}, .values = {values, n, even(columns), stride}};
}

void multiply_in_float(const Bfloat16Rows& rows, const Bfloat16Weights& weights,
                       const ProductEnd& end, MatrixView<float> out) {
  const Panel all = panel_of(rows.values);
  multiply({&all, 1}, weights.values(), end, out);
}

void multiply_in_float(const Bfloat16Rows& rows, const Bfloat16Weights& weights,
                       ConvertedRows& scratch, MatrixView<OrderedBfloat16> out) {
  const std::size_t columns = padded_columns(weights.outputs());
  auto* exact = reinterpret_cast<float*>(scratch.reserve(out.rows * columns));
  multiply_in_float(rows, weights, {}, {exact, out.rows, weights.outputs(), columns});
  for (std::size_t i = 0; i < out.rows; ++i)
    HWY_DYNAMIC_DISPATCH(round_to_ordered)(exact + i * columns, columns, out.row(i));
}

}  // namespace

float round_to_bfloat16(float x) {
  if (std::isnan(x)) return x;
  if (std::abs(x) < std::numeric_limits<float>::min()) return 0;
  const auto bits = std::bit_cast<std::uint32_t>(x);
  return std::bit_cast<float>((bits + 0x7FFF + (bits >> 16 & 1U)) & 0xFFFF0000);
}

bool has_bfloat16_products() { return allows_avx512() && avx512::has_bfloat16(); }

Bfloat16Weights::Bfloat16Weights(MatrixView<const float> weight, std::span<const float> bias)
    : inputs_(weight.columns), outputs_(weight.rows) {
  if (!has_bfloat16_products()) {
    const std::vector<float> values = exchange_pairs(weight);
    values_ = {MatrixView<const float>(values.data(), outputs_, even(inputs_)), bias};
    return;
  }
  const PassLayout layout{outputs_, even(inputs_) / 2, avx512::columns_of_pass};
  const std::size_t all = layout.columns() + layout.size();
  std::uint32_t* values = pairs_.reserve(all);
  std::fill_n(values, all, 0U);
  std::ranges::transform(bias, values, [](float x) { return std::bit_cast<std::uint32_t>(x); });
  values += layout.columns();
  for (std::size_t out = 0; out < outputs_; ++out) {
    for (std::size_t in = 0; in < inputs_; ++in) {
      const std::uint32_t bits = upper_half(round_to_bfloat16(weight.row(out)[in]));
      values[layout.index(out, in / 2)] |= bits << (in % 2 * 16);
    }
  }
}

Bfloat16Rows round_rows(std::span<const Panel> panels, std::size_t first, std::size_t n,
                        const Bfloat16Weights& weights, ConvertedRows& memory) {
  return weights.in_pairs() ? avx512::round_rows(panels, first, n, memory)
                            : round_in_float(panels, first, n, memory);
}

std::optional<Bfloat16Rows> round_encoded(const EncodedRows& encoded, std::size_t n,
                                          const Bfloat16Weights& weights, ConvertedRows& memory) {
  const WaveEncoder& waves = encoded.waves;
  if (!weights.in_pairs() || waves.numbers() == 0 || !waves.is_fast(encoded.numbers, n)) return {};
  return avx512::round_encoded(encoded, n, memory);
}

void multiply(const Bfloat16Rows& rows, const Bfloat16Weights& weights, const ProductEnd& end,
              MatrixView<float> out) {
  weights.in_pairs() ? avx512::multiply_bfloat16(rows, weights, end, out)
                     : multiply_in_float(rows, weights, end, out);
}

void multiply(const Bfloat16Rows& rows, const Bfloat16Weights& weights, ConvertedRows& scratch,
              MatrixView<OrderedBfloat16> out) {
  weights.in_pairs() ? avx512::multiply_bfloat16(rows, weights, out)
                     : multiply_in_float(rows, weights, scratch, out);
}

void multiply(std::span<const Panel> panels, const Bfloat16Weights& weights, const ProductEnd& end,
              ConvertedRows& scratch, MatrixView<float> out) {
  for (std::size_t first = 0; first < out.rows; first += block_rows) {
    const std::size_t n = std::min(block_rows, out.rows - first);
    multiply(round_rows(panels, first, n, weights, scratch), weights, rows_from(end, first, n),
             rows_from(out, first, n));
  }
}

}  // namespace stationhit::kernels
#endif
