// Where there is no VPDPBUSD, levels and weights have 16 bits and two products are added in 32 bits
// at a time, which overflows nowhere. The zero point is taken out of the sums beforehand.
#include <algorithm>
#include <cstddef>
#include <cstring>

// Arrays of vectors need vectors of a size known at compile time.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

#include <stationhit/kernels/int8_product.hpp>

#include "avx512_targets.hpp"
#include "int8_product_avx512.hpp"
#include "pass_layout.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "int8_product.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "tiles-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace stationhit::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Tag = hn::ScalableTag<float>;
using IntegerTag = hn::RebindToSigned<Tag>;
using Sums = hn::Vec<IntegerTag>;

struct PairDot {
  using Factor = std::uint32_t;
  const std::int32_t* starts;
  const float* scales;

  HWY_INLINE Sums start(std::size_t column) const {
    return hn::Load(IntegerTag(), starts + column);
  }
  static HWY_INLINE Sums spread(std::uint32_t pair) {
    return hn::Set(IntegerTag(), static_cast<std::int32_t>(pair));
  }
  static HWY_INLINE Sums load(const std::uint32_t* weights) {
    return hn::BitCast(IntegerTag(), hn::Load(hn::RebindToUnsigned<Tag>(), weights));
  }
  static HWY_INLINE Sums add(Sums sums, Sums pairs, Sums weights) {
#if HWY_TARGET == HWY_SCALAR
    const auto low = [](Sums x) { return hn::ShiftRight<16>(hn::ShiftLeft<16>(x)); };
    const auto high = [](Sums x) { return hn::ShiftRight<16>(x); };
    return hn::Add(sums,
                   hn::Add(hn::Mul(low(pairs), low(weights)), hn::Mul(high(pairs), high(weights))));
#else
    const IntegerTag d;
    const hn::Repartition<std::int16_t, IntegerTag> narrow;
    auto rest = hn::Zero(d);
    const auto products = hn::ReorderWidenMulAccumulate(
        d, hn::BitCast(narrow, pairs), hn::BitCast(narrow, weights), hn::Zero(d), rest);
    return hn::Add(sums, hn::RearrangeToOddPlusEven(products, rest));
#endif
  }
  HWY_INLINE hn::Vec<Tag> finish(Sums sums, std::size_t column) const {
    return hn::Mul(hn::ConvertTo(Tag(), sums), hn::Load(Tag(), scales + column));
  }
};

std::size_t columns_of_int8_pass() { return columns_of_tile(); }

// Replaces n numbers, a multiple of 16, by their levels with 16 bits, in the first half of their
// memory. NaN becomes the lowest level.
void make_levels(const Int8Weights& weights, std::size_t n, float* values) {
  const Tag d;
  const hn::Rebind<std::int16_t, Tag> narrow;
  const auto zero = static_cast<float>(weights.zero_point());
  const auto scale = hn::Set(d, weights.scale()), lowest = hn::Set(d, -zero),
             highest = hn::Set(d, static_cast<float>(weights.largest_level()) - zero);
  const auto zero_point = hn::Set(IntegerTag(), weights.zero_point());
  for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
    const auto x = hn::Div(hn::Load(d, values + i), scale);
    const auto number = hn::IfThenElse(hn::IsNaN(x), lowest, x);
    const auto inside = hn::Min(hn::Max(number, lowest), highest);
    const auto levels = hn::Add(hn::NearestInt(inside), zero_point);
    hn::StoreU(hn::DemoteTo(narrow, levels), narrow, reinterpret_cast<std::int16_t*>(values) + i);
  }
}

void multiply(const float* rows, std::size_t stride, const Int8Weights& weights,
              const ProductEnd& end, MatrixView<float> out) {
  const std::size_t pairs = (weights.inputs() + 1) / 2;
  const FactorPanel<std::uint32_t> panel{reinterpret_cast<const std::uint32_t*>(rows), stride,
                                         pairs};
  multiply_passes(PairDot{weights.starts(), weights.scales()},
                  std::span<const FactorPanel<std::uint32_t>>(&panel, 1), pairs, weights.groups(),
                  weights.outputs(), RowsEnd{end, out});
}

}  // namespace stationhit::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stationhit::kernels {

HWY_EXPORT(columns_of_int8_pass);
HWY_EXPORT(make_levels);
HWY_EXPORT(multiply);

namespace {

constexpr std::size_t block_rows = 48;

void multiply_in_pairs(std::span<const Panel> panels, const Int8Weights& weights,
                       const ProductEnd& end, ConvertedRows& scratch, MatrixView<float> out) {
  const std::size_t stride = padded_columns(weights.inputs());
  auto* rows = reinterpret_cast<float*>(scratch.reserve(block_rows * stride));
  for (std::size_t first = 0; first < out.rows; first += block_rows) {
    const std::size_t n = std::min(block_rows, out.rows - first);
    for (std::size_t i = 0; i < n; ++i) {
      copy_row(panels, first + i, std::span(rows + i * stride, stride));
      HWY_DYNAMIC_DISPATCH(make_levels)(weights, stride, rows + i * stride);
    }
    HWY_DYNAMIC_DISPATCH(multiply)
    (rows, stride, weights, rows_from(end, first, n), rows_from(out, first, n));
  }
}

}  // namespace

bool has_int8_products() { return allows_avx512() && avx512::has_vnni(); }

Int8Weights::Int8Weights(const Int8Layer& layer)
    : inputs_(layer.inputs),
      outputs_(layer.outputs),
      scale_(layer.scale),
      zero_point_(layer.zero_point),
      largest_level_(layer.largest_level),
      in_quads_(has_int8_products()) {
  const std::size_t in_group = in_quads_ ? 4 : 2, bits = 32 / in_group;
  const PassLayout layout{
      outputs_, (inputs_ + in_group - 1) / in_group,
      in_quads_ ? avx512::columns_of_pass : HWY_DYNAMIC_DISPATCH(columns_of_int8_pass)()};
  const std::size_t all = layout.columns() + layout.size();
  std::uint32_t* groups = groups_.reserve(all);
  std::fill_n(groups, all, 0U);
  std::fill_n(scales_.reserve(layout.columns()), layout.columns(), 0.0F);
  for (std::size_t out = 0; out < outputs_; ++out) {
    std::int32_t start = layer.bias.empty() ? 0 : layer.bias[out];
    for (std::size_t in = 0; in < inputs_; ++in) {
      const std::int8_t weight = layer.weights[out * inputs_ + in];
      start -= zero_point_ * weight;
      const std::uint32_t mask = (1U << bits) - 1U;
      groups[layout.columns() + layout.index(out, in / in_group)] |=
          (static_cast<std::uint32_t>(weight) & mask) << (in % in_group * bits);
    }
    groups[out] = static_cast<std::uint32_t>(start);
    scales_.data()[out] = scale_ * layer.weight_scales[out];
  }
}

void multiply(std::span<const Panel> panels, const Int8Weights& weights, const ProductEnd& end,
              ConvertedRows& scratch, MatrixView<float> out) {
  weights.in_quads() ? avx512::multiply_int8(panels, weights, end, scratch, out)
                     : multiply_in_pairs(panels, weights, end, scratch, out);
}

}  // namespace stationhit::kernels
#endif
