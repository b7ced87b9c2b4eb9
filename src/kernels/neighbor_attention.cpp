// The scores of a node lie source by source, all heads of a source beside each other in one or
// several short vectors. Their largest values and sums run over sources and never across heads; the
// exponentials of all of them are computed together in whole vectors.
#include <cstddef>
#include <limits>
#include <type_traits>

// Arrays of vectors need vectors of a size known at compile time.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

#include <stationhit/kernels/neighbor_attention.hpp>
#include <stationhit/kernels/packed_product.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neighbor_attention.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// These come after highway.h, because they are compiled once per target.
#include <hwy/contrib/math/math-inl.h>

#include "part-inl.hpp"
#include "rows-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace stationhit::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Heads stand in vectors of up to four.
using HeadTag = hn::CappedTag<float, 4>;

struct NodeScratch {
  float *scores, *sums;          // [sources, heads in whole vectors], [heads in whole vectors]
  std::int32_t* sources;         // those that exist
  std::size_t n = 0, heads = 0;  // of the sources; in whole vectors
};

// The node itself, if it is not among its neighbors by definition, and the neighbors that exist.
template <class Row>
HWY_INLINE void list_sources(std::size_t node, const Row& row, NodeScratch& scratch) {
  scratch.n = 0;
  if constexpr (!Row::has_itself) scratch.sources[scratch.n++] = static_cast<std::int32_t>(node);
  for (std::size_t s = 0; s < row.size; ++s)
    if (row[s] >= 0) scratch.sources[scratch.n++] = row[s];
}

// exp(leaky_relu(a + b_j) - largest), and the sums over the sources.
HWY_INLINE void softmax(const float* a, MatrixView<const float> b, float slope,
                        const NodeScratch& scratch) {
  const HeadTag d;
  for (std::size_t h = 0; h < scratch.heads; h += hn::Lanes(d)) {
    const auto own = hn::LoadU(d, a + h), factor = hn::Set(d, slope);
    auto largest = hn::Set(d, -std::numeric_limits<float>::infinity());
    for (std::size_t s = 0; s < scratch.n; ++s) {
      const float* other = b.row(static_cast<std::size_t>(scratch.sources[s]));
      const auto x = hn::Add(own, hn::LoadU(d, other + h));
      const auto score = hn::Max(x, hn::Mul(factor, x));
      largest = hn::Max(largest, score);
      hn::StoreU(score, d, scratch.scores + s * scratch.heads + h);
    }
    for (std::size_t s = 0; s < scratch.n; ++s) {
      float* score = scratch.scores + s * scratch.heads + h;
      hn::StoreU(hn::Sub(hn::LoadU(d, score), largest), d, score);
    }
  }
  const hn::ScalableTag<float> wide;
  for (std::size_t i = 0; i < scratch.n * scratch.heads; i += hn::Lanes(wide))
    hn::StoreU(hn::Exp(wide, hn::LoadU(wide, scratch.scores + i)), wide, scratch.scores + i);
  for (std::size_t h = 0; h < scratch.heads; h += hn::Lanes(d)) {
    auto sum = hn::Zero(d);
    for (std::size_t s = 0; s < scratch.n; ++s)
      sum = hn::Add(sum, hn::LoadU(d, scratch.scores + s * scratch.heads + h));
    hn::StoreU(sum, d, scratch.sums + h);
  }
}

// Four heads at a time, so that their sums do not wait for each other.
template <std::size_t heads>
HWY_INLINE void weighted_sums(const NodeScratch& scratch, MatrixView<const float> values,
                              std::size_t head, std::size_t width, std::size_t c, float* out) {
  const hn::ScalableTag<float> d;
  hn::Vec<decltype(d)> sums[heads];
#pragma GCC unroll 4
  for (std::size_t h = 0; h < heads; ++h) sums[h] = hn::Zero(d);
  for (std::size_t s = 0; s < scratch.n; ++s) {
    const float* value =
        values.row(static_cast<std::size_t>(scratch.sources[s])) + head * width + c;
    const float* weights = scratch.scores + s * scratch.heads + head;
#pragma GCC unroll 4
    for (std::size_t h = 0; h < heads; ++h)
      sums[h] = hn::MulAdd(hn::Set(d, weights[h]), hn::LoadU(d, value + h * width), sums[h]);
  }
#pragma GCC unroll 4
  for (std::size_t h = 0; h < heads; ++h)
    store_part(hn::Div(sums[h], hn::Set(d, scratch.sums[head + h])), width - c,
               out + (head + h) * width + c);
}

void attend_to_neighbors(const Edges& edges, const AttentionScores<float>& scores,
                         MatrixView<const float> values, AlignedBuffer<float>& scratch,
                         MatrixView<float> out) {
  const std::size_t heads = scores.a.columns, width = values.columns / heads;
  const std::size_t lanes = hn::Lanes(HeadTag());
  for_rows(edges, [&](std::size_t i, const auto& row) HWY_ATTR {
    NodeScratch node;
    node.heads = (heads + lanes - 1) / lanes * lanes;
    const std::size_t most = row.size + 1, n_scores = padded_columns(most * node.heads);
    float* memory = scratch.reserve(n_scores + padded_columns(node.heads) + most);
    node.scores = memory;
    node.sums = memory + n_scores;
    node.sources = reinterpret_cast<std::int32_t*>(node.sums + padded_columns(node.heads));
    list_sources(i, row, node);
    softmax(scores.a.row(i), scores.b, scores.slope, node);
    for (std::size_t c = 0; c < width; c += hn::Lanes(hn::ScalableTag<float>())) {
      std::size_t head = 0;
      for (; head + 4 <= heads; head += 4)
        weighted_sums<4>(node, values, head, width, c, out.row(i));
      for (; head < heads; ++head) weighted_sums<1>(node, values, head, width, c, out.row(i));
    }
  });
}

}  // namespace stationhit::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stationhit::kernels {

HWY_EXPORT(attend_to_neighbors);

void attend_to_neighbors(const Edges& edges, const AttentionScores<float>& scores,
                         MatrixView<const float> values, AlignedBuffer<float>& scratch,
                         MatrixView<float> out) {
  HWY_DYNAMIC_DISPATCH(attend_to_neighbors)(edges, scores, values, scratch, out);
}

}  // namespace stationhit::kernels
#endif
