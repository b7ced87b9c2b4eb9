// Tiles of edges instead of rows (tiles-inl.hpp). Edges of a node follow each other: their maximum
// stays in a register, and what it was before the tile is read once.
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

// Arrays of vectors need vectors of a size known at compile time.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

#include <stationhit/kernels/edge_products.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "edge_products.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "float_dot-inl.hpp"
#include "tiles-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace stationhit::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Tag = hn::ScalableTag<float>;
using Vector = hn::Vec<Tag>;

// stride: that of all matrices, 0 if it is known at run time only. Rows are found by a shift then.
template <std::size_t stride>
struct GatheredEnd {
  EdgeList edges;
  EdgeTerms terms;
  MatrixView<float> out;

  [[nodiscard]] HWY_INLINE std::size_t rows() const { return edges.source.size(); }
  template <class Number>
  static HWY_INLINE Number* row_of(const MatrixView<Number>& matrix, std::size_t row) {
    return matrix.data + row * (stride > 0 ? stride : matrix.stride);
  }
  HWY_INLINE Vector start(const FloatDot& /*dot*/, std::size_t edge, std::size_t column) const {
    const auto source = static_cast<std::size_t>(edges.source[edge]);
    const auto x = hn::LoadU(Tag(), row_of(terms.q, source) + column);
    if (terms.p.data == nullptr) return x;
    const auto target = static_cast<std::size_t>(edges.target[edge]);
    return hn::Add(x, hn::LoadU(Tag(), row_of(terms.p, target) + column));
  }
  template <std::size_t rows, std::size_t vectors>
  HWY_INLINE void finish(const FloatDot& /*dot*/, const Vector (&sums)[rows][vectors],
                         std::size_t edge, std::size_t column) const {
    const auto slope = hn::Set(Tag(), terms.slope);
    const MatrixView<float> to = out;  // a store could change what is behind a reference
#pragma GCC unroll 12
    for (std::size_t r = 0; r < rows; ++r) {
#pragma GCC unroll 12
      for (std::size_t v = 0; v < vectors; ++v) {
        const auto x = hn::Max(hn::Mul(slope, sums[r][v]), sums[r][v]);
        hn::StoreU(x, Tag(), row_of(to, edge + r) + column + v * hn::Lanes(Tag()));
      }
    }
  }
};

struct LargestEnd {
  EdgeList edges;
  MatrixView<float> totals;

  [[nodiscard]] HWY_INLINE std::size_t rows() const { return edges.source.size(); }
  HWY_INLINE Vector start(const FloatDot& dot, std::size_t /*edge*/, std::size_t column) const {
    return dot.start(column);
  }
  // Without a branch, because the number of edges of a node cannot be predicted, and without
  // reading what has just been written, which takes longer than the product.
  template <std::size_t rows, std::size_t vectors>
  HWY_INLINE void finish(const FloatDot& /*dot*/, const Vector (&sums)[rows][vectors],
                         std::size_t edge, std::size_t column) const {
    const Tag d;
    const hn::RebindToSigned<Tag> di;
    const auto nothing = hn::Set(d, -std::numeric_limits<float>::infinity());
    const std::int32_t* targets = edges.target.data() + edge;
    const MatrixView<float> all = totals;  // a store could change what is behind a reference
    Vector best[vectors];
    auto last = hn::Set(di, targets[0]);
#pragma GCC unroll 12
    for (std::size_t r = 0; r < rows; ++r) {
      float* total = all.row(static_cast<std::size_t>(targets[r])) + column;
      const auto target = hn::Set(di, targets[r]);
      const auto is_same = hn::RebindMask(d, hn::Eq(target, last));
      last = target;
#pragma GCC unroll 12
      for (std::size_t v = 0; v < vectors; ++v) {
        float* to = total + v * hn::Lanes(d);
        const auto before = r == 0 ? hn::LoadU(d, to) : hn::IfThenElse(is_same, best[v], nothing);
        best[v] = hn::Max(before, sums[r][v]);
        hn::StoreU(best[v], d, to);
      }
    }
  }
};

template <class End>
HWY_INLINE void multiply(const Panel& rows, const PackedWeights& weights, const End& end) {
  multiply_passes(FloatDot{weights.bias()}, std::span<const Panel>(&rows, 1), weights.inputs(),
                  weights.values(), weights.outputs(), end);
}

void multiply_edges(const EdgeList& edges, const EdgeTerms& terms, const Panel& values,
                    const PackedWeights& weights, MatrixView<float> out) {
  constexpr std::size_t narrow = 16;
  const bool is_narrow = terms.q.stride == narrow && out.stride == narrow &&
                         (terms.p.data == nullptr || terms.p.stride == narrow);
  is_narrow ? multiply(values, weights, GatheredEnd<narrow>{edges, terms, out})
            : multiply(values, weights, GatheredEnd<0>{edges, terms, out});
}

void add_largest_products(const EdgeList& edges, const Panel& rows, const PackedWeights& weights,
                          MatrixView<float> totals) {
  multiply(rows, weights, LargestEnd{edges, totals});
}

}  // namespace stationhit::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stationhit::kernels {

HWY_EXPORT(multiply_edges);
HWY_EXPORT(add_largest_products);

void multiply_edges(const EdgeList& edges, const EdgeTerms& terms, const Panel& values,
                    const PackedWeights& weights, MatrixView<float> out) {
  assert(values.columns == weights.inputs() && out.rows == edges.source.size());
  HWY_DYNAMIC_DISPATCH(multiply_edges)(edges, terms, values, weights, out);
}

void add_largest_products(const EdgeList& edges, const Panel& rows, const PackedWeights& weights,
                          MatrixView<float> totals) {
  assert(rows.columns == weights.inputs());
  HWY_DYNAMIC_DISPATCH(add_largest_products)(edges, rows, weights, totals);
}

}  // namespace stationhit::kernels
#endif
