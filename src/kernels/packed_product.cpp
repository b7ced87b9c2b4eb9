// Tiles of 6 rows by 4 (or 2) vectors, or more rows of fewer vectors, are summed in registers over
// all columns of the left factor, each row by itself and in order, so that results do not depend on
// where a row stands. Weights of a tile lie one behind the other in memory; a value of the left
// factor is spread over a vector.
#include <algorithm>
#include <cassert>
#include <cstddef>
#include <numeric>

// Arrays of vectors need vectors of a size known at compile time.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

#include <stationhit/kernels/packed_product.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "packed_product.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace stationhit::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Tag = hn::ScalableTag<float>;
using Vector = hn::Vec<Tag>;

// The sums of a tile take 24 of 32 registers (AVX-512, NEON), or 12 of 16.
#if HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM_A64
constexpr std::size_t tile_vectors = 4, tile_sums = 24;
#else
constexpr std::size_t tile_vectors = 2, tile_sums = 12;
#endif
// Narrow tiles have more rows, so that enough sums are on their way at the same time. Rows are
// addressed from the first of each six, because more addresses would not fit into the registers.
constexpr std::size_t rows_by_address = 6, most_rows = 2 * rows_by_address;
constexpr std::size_t tile_rows(std::size_t vectors) {
  return std::min(most_rows, tile_sums / vectors);
}

std::size_t columns_of_pass() { return tile_vectors * hn::Lanes(Tag()); }

struct Product {
  std::span<const Panel> panels;
  const float *weights, *bias;  // of the pass
  const ProductEnd* end;
  MatrixView<float> out;
};

template <std::size_t rows, std::size_t vectors>
HWY_INLINE void finish_tile(const Product& product, const Vector (&sums)[rows][vectors],
                            std::size_t row, std::size_t column) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  const ProductEnd& end = *product.end;
  const auto slope = hn::Set(d, end.slope);
#pragma GCC unroll 12
  for (std::size_t r = 0; r < rows; ++r) {
#pragma GCC unroll 12
    for (std::size_t v = 0; v < vectors; ++v) {
      const std::size_t c = column + v * lanes;
      auto x = sums[r][v];
      if (end.before.data != nullptr) x = hn::Add(x, hn::LoadU(d, end.before.row(row + r) + c));
      x = hn::Max(hn::Mul(slope, x), x);
      if (end.after.data != nullptr) x = hn::Add(x, hn::LoadU(d, end.after.row(row + r) + c));
      hn::StoreU(x, d, product.out.row(row + r) + c);
    }
  }
}

template <std::size_t rows, std::size_t vectors>
HWY_INLINE void multiply_tile(const Product& product, std::size_t row, std::size_t column) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  Vector sums[rows][vectors];
#pragma GCC unroll 12
  for (std::size_t v = 0; v < vectors; ++v) {
    const auto bias = hn::Load(d, product.bias + v * lanes);
#pragma GCC unroll 12
    for (std::size_t r = 0; r < rows; ++r) sums[r][v] = bias;
  }
  const float* HWY_RESTRICT weights = product.weights;
  for (const Panel& panel : product.panels) {
    const float* HWY_RESTRICT a = panel.data + row * panel.stride;
    const std::size_t stride = panel.stride;
    const float* HWY_RESTRICT later = a + rows_by_address * stride;
    for (std::size_t c = 0; c < panel.columns; ++c, ++a, ++later, weights += vectors * lanes) {
      Vector factors[vectors];
#pragma GCC unroll 12
      for (std::size_t v = 0; v < vectors; ++v) factors[v] = hn::Load(d, weights + v * lanes);
#pragma GCC unroll 12
      for (std::size_t r = 0; r < rows; ++r) {
        const auto value =
            hn::Set(d, r < rows_by_address ? a[r * stride] : later[(r - rows_by_address) * stride]);
#pragma GCC unroll 12
        for (std::size_t v = 0; v < vectors; ++v)
          sums[r][v] = hn::MulAdd(value, factors[v], sums[r][v]);
      }
    }
  }
  finish_tile(product, sums, row, column);
}

// Whole tiles, then the remainder in tiles of fewer rows.
template <std::size_t rows, std::size_t vectors>
HWY_INLINE void multiply_rows(const Product& product, std::size_t first, std::size_t column) {
  for (; first + rows <= product.out.rows; first += rows)
    multiply_tile<rows, vectors>(product, first, column);
  if constexpr (rows > 1) {
    if (first < product.out.rows) multiply_rows<rows / 2, vectors>(product, first, column);
  }
}

template <std::size_t vectors>
void multiply_pass(const Product& product, std::size_t column, std::size_t n_vectors) {
  if constexpr (vectors > 1) {
    if (n_vectors < vectors) return multiply_pass<vectors - 1>(product, column, n_vectors);
  }
  multiply_rows<tile_rows(vectors), vectors>(product, 0, column);
}

void multiply(std::span<const Panel> panels, const PackedWeights& weights, const ProductEnd& end,
              MatrixView<float> out) {
  const std::size_t lanes = hn::Lanes(Tag()), columns = padded_columns(weights.outputs());
  for (std::size_t column = 0; column < columns; column += tile_vectors * lanes) {
    const std::size_t vectors = std::min(tile_vectors, (columns - column) / lanes);
    multiply_pass<tile_vectors>(
        {panels, weights.values() + column * weights.inputs(), weights.bias() + column, &end, out},
        column, vectors);
  }
}

}  // namespace stationhit::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stationhit::kernels {

HWY_EXPORT(columns_of_pass);
HWY_EXPORT(multiply);

PackedWeights::PackedWeights(MatrixView<const float> weight, std::span<const float> bias)
    : inputs_(weight.columns), outputs_(weight.rows) {
  const std::size_t columns = padded_columns(outputs_), all = columns * (inputs_ + 1);
  float* values = values_.reserve(all);
  std::fill_n(values, all, 0.0F);
  std::ranges::copy(bias, values);
  const std::size_t in_pass = HWY_DYNAMIC_DISPATCH(columns_of_pass)();
  for (std::size_t out = 0; out < outputs_; ++out) {
    const std::size_t first = out / in_pass * in_pass, width = std::min(in_pass, columns - first);
    float* to = values + columns + first * inputs_ + (out - first);
    for (std::size_t in = 0; in < inputs_; ++in) to[in * width] = weight.row(out)[in];
  }
}

void multiply(std::span<const Panel> panels, const PackedWeights& weights, const ProductEnd& end,
              MatrixView<float> out) {
  assert(std::accumulate(panels.begin(), panels.end(), std::size_t{0},
                         [](std::size_t sum, const Panel& panel) { return sum + panel.columns; }) ==
         weights.inputs());
  HWY_DYNAMIC_DISPATCH(multiply)(panels, weights, end, out);
}

}  // namespace stationhit::kernels
#endif
