// The result is computed in tiles that stay in registers: 6 rows by 4 (or 2) vectors are
// accumulated over a block of 128 columns of a, and only then added to memory. A block of 48 rows
// of a meets all of b before the next one, so b stays in the first-level cache and is used as it
// is, without packing. Remainders use smaller tiles: fewer rows, fewer vectors, then shorter
// vectors. Blocks are added in order, so results do not depend on the tile shape.
#include <algorithm>
#include <cstddef>

// Arrays of vectors need vectors of a size known at compile time.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

#include <stationhit/kernels/product.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "product.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace stationhit::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// A tile of the result stays in registers: its sums take 24 of 32 registers (AVX-512, NEON), or 12
// of 16.
#if HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM_A64
constexpr std::size_t tile_vectors = 4;
#else
constexpr std::size_t tile_vectors = 2;
#endif
constexpr std::size_t tile_rows = 6;
constexpr std::size_t block_columns =
    128;  // of a: the matching rows of b stay in the first-level cache
constexpr std::size_t block_rows = 48;  // of a: they use all of b before the next rows start

// A block of columns of a and the matching rows of b.
struct FactorBlock {
  const float *a, *b;
  std::size_t row_stride, column_stride, b_stride, depth;
  bool first;  // the result starts from the bias (0 if nullptr), otherwise from the values in out
  const float* bias;
  float* out;
  std::size_t out_stride;
};

template <std::size_t rows, std::size_t vectors, class D>
HWY_INLINE void multiply_tile(D d, const FactorBlock& block, std::size_t row, std::size_t column) {
  const std::size_t lanes = hn::Lanes(d);
  hn::Vec<D> sums[rows][vectors];
#pragma GCC unroll 8
  for (std::size_t r = 0; r < rows; ++r) {
#pragma GCC unroll 8
    for (std::size_t v = 0; v < vectors; ++v) sums[r][v] = hn::Zero(d);
  }
  const float *a = block.a + row * block.row_stride, *b = block.b + column;
  for (std::size_t k = 0; k < block.depth; ++k, a += block.column_stride, b += block.b_stride) {
    // One vector of b is loaded once and used by all rows of the tile; one value of a by all
    // vectors.
    hn::Vec<D> factors[vectors];
#pragma GCC unroll 8
    for (std::size_t v = 0; v < vectors; ++v) factors[v] = hn::LoadU(d, b + v * lanes);
#pragma GCC unroll 8
    for (std::size_t r = 0; r < rows; ++r) {
      const auto factor = hn::Set(d, a[r * block.row_stride]);
#pragma GCC unroll 8
      for (std::size_t v = 0; v < vectors; ++v)
        sums[r][v] = hn::MulAdd(factor, factors[v], sums[r][v]);
    }
  }
#pragma GCC unroll 8
  for (std::size_t r = 0; r < rows; ++r) {
    float* out = block.out + (row + r) * block.out_stride + column;
    // The first block starts from the bias, so no pass over the result is needed to add it.
    const float* start = block.first ? block.bias == nullptr ? nullptr : block.bias + column : out;
#pragma GCC unroll 8
    for (std::size_t v = 0; v < vectors; ++v) {
      const auto before = start == nullptr ? hn::Zero(d) : hn::LoadU(d, start + v * lanes);
      hn::StoreU(hn::Add(before, sums[r][v]), d, out + v * lanes);
    }
  }
}

// Computes rows [first, last) of some columns in whole tiles, then the remainder in tiles of half
// as many rows, and so on.
template <std::size_t rows, std::size_t vectors, class D>
HWY_INLINE void multiply_rows(D d, const FactorBlock& block, std::size_t first, std::size_t last,
                              std::size_t column) {
  for (; first + rows <= last; first += rows) multiply_tile<rows, vectors>(d, block, first, column);
  if constexpr (rows > 1) {
    if (first < last) multiply_rows<rows / 2, vectors>(d, block, first, last, column);
  }
}

// Computes columns [column, columns) of these rows in whole tiles, then with fewer vectors, then
// with shorter ones.
template <std::size_t vectors, class D>
HWY_INLINE void multiply_columns(D d, const FactorBlock& block, std::size_t first, std::size_t last,
                                 std::size_t column, std::size_t columns) {
  const std::size_t width = vectors * hn::Lanes(d);
  for (; column + width <= columns; column += width)
    multiply_rows<tile_rows, vectors>(d, block, first, last, column);
  if constexpr (vectors > 1) {
    multiply_columns<vectors / 2>(d, block, first, last, column, columns);
  } else if constexpr (hn::MaxLanes(D()) > 1) {
    if (column < columns) multiply_columns<1>(hn::Half<D>(), block, first, last, column, columns);
  }
}

void multiply(const Factor& a, MatrixView<const float> b, const float* bias,
              MatrixView<float> out) {
  for (std::size_t k = 0; k == 0 || k < a.columns; k += block_columns) {
    const std::size_t depth = std::min(block_columns, a.columns - k);
    const FactorBlock block{a.data + k * a.column_stride,
                            b.row(k),
                            a.row_stride,
                            a.column_stride,
                            b.stride,
                            depth,
                            k == 0,
                            bias,
                            out.data,
                            out.stride};
    for (std::size_t row = 0; row < out.rows; row += block_rows)
      multiply_columns<tile_vectors>(hn::ScalableTag<float>(), block, row,
                                     std::min(row + block_rows, out.rows), 0, out.columns);
  }
}

}  // namespace stationhit::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stationhit::kernels {

HWY_EXPORT(multiply);

void multiply(const Factor& a, MatrixView<const float> b, const float* bias,
              MatrixView<float> out) {
  HWY_DYNAMIC_DISPATCH(multiply)(a, b, bias, out);
}

}  // namespace stationhit::kernels
#endif
