// Compiled once per target, after <hwy/highway.h> (the guard is the one that Highway prescribes for
// such headers).
//
// Tiles of 6 rows by 4 (or 2) vectors, or more rows of fewer vectors, are summed in registers over
// all columns of the left factor, each row by itself and in order, so that results do not depend on
// where a row stands. Weights of a tile lie one behind the other in memory; a value of the left
// factor is spread over a vector.
#if defined(STATIONHIT_KERNELS_TILES_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef STATIONHIT_KERNELS_TILES_INL
#undef STATIONHIT_KERNELS_TILES_INL
#else
#define STATIONHIT_KERNELS_TILES_INL
#endif

#include <algorithm>
#include <cstddef>
#include <span>

#include <hwy/highway.h>

#include <stationhit/kernels/packed_product.hpp>

HWY_BEFORE_NAMESPACE();
namespace stationhit::kernels::HWY_NAMESPACE {

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

// Vectors of 32-bit numbers, whatever they hold.
HWY_INLINE std::size_t lanes_of_tile() {
  return hwy::HWY_NAMESPACE::Lanes(hwy::HWY_NAMESPACE::ScalableTag<float>());
}
HWY_INLINE std::size_t columns_of_tile() { return tile_vectors * lanes_of_tile(); }

// Columns of the left factor, as kernels::Panel.
template <class Factor>
struct FactorPanel {
  const Factor* data = nullptr;
  std::size_t stride = 0, columns = 0;
};

// Dot has a type Factor of 32 bits, start(column): the sums before the first product, spread(value)
// of the left factor, load(weights), add(sums, value, weights), and finish(sums, column): float32.
// End has rows(), start(dot, row, column): the first sums of a row, and finish(dot, sums, row,
// column): what becomes of those of a tile.
template <class Dot, class Panels, class End>
struct Pass {
  Dot dot;
  Panels panels;
  const typename Dot::Factor* weights;  // of the pass: [columns of the panels, its own columns]
  std::size_t column;                   // the first one of the pass
  End end;
};

// The rows of a matrix.
struct RowsEnd {
  const ProductEnd& end;
  MatrixView<float> out;

  [[nodiscard]] HWY_INLINE std::size_t rows() const { return out.rows; }
  template <class Dot>
  HWY_INLINE auto start(const Dot& dot, std::size_t /*row*/, std::size_t column) const {
    return dot.start(column);
  }
  template <class Dot, std::size_t rows, std::size_t vectors, class Sum>
  HWY_INLINE void finish(const Dot& dot, const Sum (&sums)[rows][vectors], std::size_t row,
                         std::size_t column) const {
    namespace hn = hwy::HWY_NAMESPACE;
    const hn::ScalableTag<float> d;
    const auto slope = hn::Set(d, end.slope);
    // Copies: a store of a vector could change what is behind a reference.
    const MatrixView<const float> before = end.before, after = end.after;
    const MatrixView<float> to = out;
#pragma GCC unroll 12
    for (std::size_t r = 0; r < rows; ++r) {
#pragma GCC unroll 12
      for (std::size_t v = 0; v < vectors; ++v) {
        const std::size_t c = column + v * lanes_of_tile();
        auto x = dot.finish(sums[r][v], c);
        if (before.data != nullptr) x = hn::Add(x, hn::LoadU(d, before.row(row + r) + c));
        x = hn::Max(hn::Mul(slope, x), x);
        if (after.data != nullptr) x = hn::Add(x, hn::LoadU(d, after.row(row + r) + c));
        hn::StoreU(x, d, to.row(row + r) + c);
      }
    }
  }
};

template <std::size_t rows, std::size_t vectors, class Dot, class Panels, class End>
HWY_INLINE void multiply_tile(const Pass<Dot, Panels, End>& pass, std::size_t row) {
  const std::size_t lanes = lanes_of_tile();
  using Vector = decltype(pass.dot.start(0));
  Vector sums[rows][vectors];
#pragma GCC unroll 12
  for (std::size_t r = 0; r < rows; ++r) {
#pragma GCC unroll 12
    for (std::size_t v = 0; v < vectors; ++v)
      sums[r][v] = pass.end.start(pass.dot, row + r, pass.column + v * lanes);
  }
  const auto* HWY_RESTRICT weights = pass.weights;
  for (const auto& panel : pass.panels) {
    const auto* HWY_RESTRICT a = panel.data + row * panel.stride;
    const std::size_t stride = panel.stride;
    const auto* HWY_RESTRICT later = a + rows_by_address * stride;
    for (std::size_t c = 0; c < panel.columns; ++c, ++a, ++later, weights += vectors * lanes) {
      decltype(Dot::load(weights)) factors[vectors];
#pragma GCC unroll 12
      for (std::size_t v = 0; v < vectors; ++v) factors[v] = Dot::load(weights + v * lanes);
#pragma GCC unroll 12
      for (std::size_t r = 0; r < rows; ++r) {
        const auto value = Dot::spread(r < rows_by_address ? a[r * stride]
                                                           : later[(r - rows_by_address) * stride]);
#pragma GCC unroll 12
        for (std::size_t v = 0; v < vectors; ++v)
          sums[r][v] = Dot::add(sums[r][v], value, factors[v]);
      }
    }
  }
  pass.end.finish(pass.dot, sums, row, pass.column);
}

// Whole tiles, then the remainder in tiles of fewer rows.
template <std::size_t rows, std::size_t vectors, class Dot, class Panels, class End>
HWY_INLINE void multiply_rows(const Pass<Dot, Panels, End>& pass, std::size_t first) {
  for (; first + rows <= pass.end.rows(); first += rows) multiply_tile<rows, vectors>(pass, first);
  if constexpr (rows > 1) {
    if (first < pass.end.rows()) multiply_rows<rows / 2, vectors>(pass, first);
  }
}

template <std::size_t vectors, class Dot, class Panels, class End>
void multiply_pass(const Pass<Dot, Panels, End>& pass, std::size_t n_vectors) {
  if constexpr (vectors > 1) {
    if (n_vectors < vectors) return multiply_pass<vectors - 1>(pass, n_vectors);
  }
  multiply_rows<tile_rows(vectors), vectors>(pass, 0);
}

// weights: of all passes, one behind the other; depth: the columns of all panels.
template <class Dot, class Panels, class End>
HWY_INLINE void multiply_passes(const Dot& dot, const Panels& panels, std::size_t depth,
                                const typename Dot::Factor* weights, std::size_t outputs,
                                const End& end) {
  const std::size_t lanes = lanes_of_tile(), columns = padded_columns(outputs);
  for (std::size_t column = 0; column < columns; column += tile_vectors * lanes) {
    multiply_pass<tile_vectors>(
        Pass<Dot, Panels, End>{dot, panels, weights + column * depth, column, end},
        std::min(tile_vectors, (columns - column) / lanes));
  }
}

}  // namespace stationhit::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
