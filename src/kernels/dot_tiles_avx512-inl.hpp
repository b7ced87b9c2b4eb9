// Tiles of products whose factors are groups of narrow numbers, one group in 32 bits: 16 sums at a
// time, each of which takes a whole group with one instruction. To be included once in a source,
// between HWY_PUSH_ATTRIBUTES and HWY_POP_ATTRIBUTES that name the instructions of its Dot: what
// stands here is compiled for them and has no linkage, so nothing of it can be taken for code that
// runs on every processor.
#pragma once

namespace stationhit::kernels {
namespace {

// Rows of the left factor: group (i, g) is data[i * stride + g].
struct GroupedRows {
  const std::uint32_t* data = nullptr;
  std::size_t stride = 0, groups = 0;
};

// What becomes of the finished sums of 16 columns of a row: activation, terms around it, float32.
struct FloatOutput {
  ProductEnd end;
  MatrixView<float> out;

  [[nodiscard]] std::size_t rows() const { return out.rows; }
  void store(__m512 x, std::size_t row, std::size_t column) const {
    if (end.before.data != nullptr)
      x = _mm512_add_ps(x, _mm512_loadu_ps(end.before.row(row) + column));
    x = _mm512_max_ps(_mm512_mul_ps(_mm512_set1_ps(end.slope), x), x);
    if (end.after.data != nullptr)
      x = _mm512_add_ps(x, _mm512_loadu_ps(end.after.row(row) + column));
    _mm512_storeu_ps(out.row(row) + column, x);
  }
};

// Dot has a type Sum, start(column): the sums before the first group, add(sum, groups, weights),
// and finish(sum, column): the sums as float32. Output has rows() and store().
template <class Dot, class Output>
struct Pass {
  Dot dot;
  Output output;
  GroupedRows left;
  const std::uint32_t* weights;  // of the pass: [groups, columns]
  std::size_t column;            // the first one of the pass
};

// As in tiles-inl.hpp: the sums take 24 of 32 registers.
constexpr std::size_t lanes = 16, tile_vectors = 4, tile_sums = 24;
constexpr std::size_t rows_by_address = 6, most_rows = 2 * rows_by_address;
constexpr std::size_t tile_rows(std::size_t vectors) {
  return most_rows < tile_sums / vectors ? most_rows : tile_sums / vectors;
}

template <std::size_t rows, std::size_t vectors, class Dot, class Output>
inline void multiply_tile(const Pass<Dot, Output>& pass, std::size_t row) {
  typename Dot::Sum sums[rows][vectors];
#pragma GCC unroll 12
  for (std::size_t v = 0; v < vectors; ++v) {
    const auto start = pass.dot.start(pass.column + v * lanes);
#pragma GCC unroll 12
    for (std::size_t r = 0; r < rows; ++r) sums[r][v] = start;
  }
  const std::size_t stride = pass.left.stride;
  const std::uint32_t* a = pass.left.data + row * stride;
  const std::uint32_t* later = a + rows_by_address * stride;
  const std::uint32_t* weights = pass.weights;
  for (std::size_t g = 0; g < pass.left.groups; ++g, ++a, ++later, weights += vectors * lanes) {
    __m512i factors[vectors];
#pragma GCC unroll 12
    for (std::size_t v = 0; v < vectors; ++v) factors[v] = _mm512_load_si512(weights + v * lanes);
#pragma GCC unroll 12
    for (std::size_t r = 0; r < rows; ++r) {
      const std::uint32_t* at =
          r < rows_by_address ? a + r * stride : later + (r - rows_by_address) * stride;
      const __m512i group = _mm512_set1_epi32(static_cast<int>(*at));
#pragma GCC unroll 12
      for (std::size_t v = 0; v < vectors; ++v)
        sums[r][v] = Dot::add(sums[r][v], group, factors[v]);
    }
  }
#pragma GCC unroll 12
  for (std::size_t r = 0; r < rows; ++r) {
#pragma GCC unroll 12
    for (std::size_t v = 0; v < vectors; ++v) {
      const std::size_t column = pass.column + v * lanes;
      pass.output.store(pass.dot.finish(sums[r][v], column), row + r, column);
    }
  }
}

// Whole tiles, then the remainder in tiles of fewer rows.
template <std::size_t rows, std::size_t vectors, class Dot, class Output>
inline void multiply_rows(const Pass<Dot, Output>& pass, std::size_t first) {
  for (; first + rows <= pass.output.rows(); first += rows)
    multiply_tile<rows, vectors>(pass, first);
  if constexpr (rows > 1) {
    if (first < pass.output.rows()) multiply_rows<rows / 2, vectors>(pass, first);
  }
}

template <std::size_t vectors, class Dot, class Output>
void multiply_pass(const Pass<Dot, Output>& pass, std::size_t n_vectors) {
  if constexpr (vectors > 1) {
    if (n_vectors < vectors) return multiply_pass<vectors - 1>(pass, n_vectors);
  }
  multiply_rows<tile_rows(vectors), vectors>(pass, 0);
}

// weights: of all passes, one behind the other.
template <class Dot, class Output>
void multiply_passes(const Dot& dot, const GroupedRows& left, const std::uint32_t* weights,
                     std::size_t columns, const Output& output) {
  for (std::size_t column = 0; column < columns; column += tile_vectors * lanes) {
    const std::size_t vectors = (columns - column) / lanes;
    multiply_pass<tile_vectors>(
        Pass<Dot, Output>{dot, output, left, weights + column * left.groups, column},
        vectors < tile_vectors ? vectors : tile_vectors);
  }
}

}  // namespace
}  // namespace stationhit::kernels
