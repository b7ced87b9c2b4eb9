// Per group and head the keys are transposed, so that the scores of a query are vectors over the
// nodes of the group. Eight queries go together: every key and value is loaded once for all of
// them, and their sums do not wait for each other.
#include <algorithm>
#include <cstddef>
#include <limits>

// Arrays of vectors need vectors of a size known at compile time.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

#include <stationhit/kernels/group_attention.hpp>
#include <stationhit/kernels/packed_product.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "group_attention.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// These come after highway.h, because they are compiled once per target.
#include <hwy/contrib/math/math-inl.h>

#include "part-inl.hpp"
#include "rows-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace stationhit::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Tag = hn::ScalableTag<float>;
using Vector = hn::Vec<Tag>;

constexpr std::size_t queries_at_once = 8;

// One head of one group: its nodes are [begin, begin + n), its columns [column, column + width).
struct Head {
  const AttentionInputs& inputs;
  std::size_t begin, n, column, width;
  std::size_t padded;    // n in whole vectors
  float *keys, *scores;  // [width, padded], [queries_at_once, padded]
  MatrixView<float> out;
};

using Four = hn::CappedTag<float, 4>;

#if HWY_TARGET != HWY_SCALAR
// keys[d .. d + 3, j .. j + 3] in registers.
HWY_INLINE void transpose_four(const Head& head, std::size_t d, std::size_t j) {
  const Four tag;
  const hn::RepartitionToWide<Four> pairs;
  const auto key = [&](std::size_t r) HWY_ATTR {
    return hn::LoadU(tag, head.inputs.keys.row(head.begin + j + r) + head.column + d);
  };
  const auto k0 = key(0), k1 = key(1), k2 = key(2), k3 = key(3);
  const auto low01 = hn::InterleaveLower(tag, k0, k1), low23 = hn::InterleaveLower(tag, k2, k3),
             high01 = hn::InterleaveUpper(tag, k0, k1), high23 = hn::InterleaveUpper(tag, k2, k3);
  const auto store = [&](std::size_t row, auto a, auto b, bool upper) HWY_ATTR {
    const auto wide_a = hn::BitCast(pairs, a), wide_b = hn::BitCast(pairs, b);
    const auto both = upper ? hn::InterleaveUpper(pairs, wide_a, wide_b)
                            : hn::InterleaveLower(pairs, wide_a, wide_b);
    hn::StoreU(hn::BitCast(tag, both), tag, head.keys + (d + row) * head.padded + j);
  };
  store(0, low01, low23, false);
  store(1, low01, low23, true);
  store(2, high01, high23, false);
  store(3, high01, high23, true);
}
#endif

// keys[d, j]; the padding is 0.
void transpose_keys(const Head& head) {
  const bool by_four = hn::Lanes(Four()) == 4;
  const std::size_t d_fours = by_four ? head.width / 4 * 4 : 0,
                    j_fours = by_four ? head.n / 4 * 4 : 0;
#if HWY_TARGET != HWY_SCALAR
  for (std::size_t j = 0; j < j_fours; j += 4)
    for (std::size_t d = 0; d < d_fours; d += 4) transpose_four(head, d, j);
#endif
  for (std::size_t j = 0; j < head.padded; ++j) {
    const bool exists = j < head.n;
    const float* key = exists ? head.inputs.keys.row(head.begin + j) + head.column : nullptr;
    for (std::size_t d = j < j_fours ? d_fours : 0; d < head.width; ++d)
      head.keys[d * head.padded + j] = exists ? key[d] : 0.0F;
  }
}

template <std::size_t rows>
HWY_INLINE void score(const Head& head, std::size_t first) {
  const Tag d;
  for (std::size_t j = 0; j < head.padded; j += hn::Lanes(d)) {
    Vector sums[rows];
#pragma GCC unroll 8
    for (std::size_t r = 0; r < rows; ++r) sums[r] = hn::Zero(d);
    for (std::size_t c = 0; c < head.width; ++c) {
      const auto key = hn::Load(d, head.keys + c * head.padded + j);
#pragma GCC unroll 8
      for (std::size_t r = 0; r < rows; ++r) {
        const float* query = head.inputs.queries.row(head.begin + first + r) + head.column;
        sums[r] = hn::MulAdd(hn::Set(d, query[c]), key, sums[r]);
      }
    }
#pragma GCC unroll 8
    for (std::size_t r = 0; r < rows; ++r) hn::Store(sums[r], d, head.scores + r * head.padded + j);
  }
}

// Replaces the scores of a query by exp(score - largest), 0 in the padding, and returns their sum.
HWY_INLINE float exponentials(float* scores, std::size_t n, std::size_t padded) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  const auto nothing = hn::Set(d, -std::numeric_limits<float>::infinity());
  auto largest = nothing;
  for (std::size_t j = 0; j < padded; j += lanes) {
    const auto inside = hn::FirstN(d, n > j ? n - j : 0);
    largest = hn::Max(largest, hn::IfThenElse(inside, hn::Load(d, scores + j), nothing));
  }
  // At least one term is 1, so the sum is never 0.
  const auto top = hn::Set(d, hn::GetLane(hn::MaxOfLanes(d, largest)));
  auto sum = hn::Zero(d);
  for (std::size_t j = 0; j < padded; j += lanes) {
    const auto inside = hn::FirstN(d, n > j ? n - j : 0);
    const auto weight =
        hn::IfThenElseZero(inside, hn::Exp(d, hn::Sub(hn::Load(d, scores + j), top)));
    hn::Store(weight, d, scores + j);
    sum = hn::Add(sum, weight);
  }
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

template <std::size_t rows>
HWY_INLINE void attend_queries(const Head& head, std::size_t first) {
  score<rows>(head, first);
  float inverse[rows];
  for (std::size_t r = 0; r < rows; ++r)
    inverse[r] = 1 / exponentials(head.scores + r * head.padded, head.n, head.padded);
  const Tag d;
  for (std::size_t c = 0; c < head.width; c += hn::Lanes(d)) {
    Vector sums[rows];
#pragma GCC unroll 8
    for (std::size_t r = 0; r < rows; ++r) sums[r] = hn::Zero(d);
    for (std::size_t j = 0; j < head.n; ++j) {
      const auto value = hn::LoadU(d, head.inputs.values.row(head.begin + j) + head.column + c);
#pragma GCC unroll 8
      for (std::size_t r = 0; r < rows; ++r)
        sums[r] = hn::MulAdd(hn::Set(d, head.scores[r * head.padded + j]), value, sums[r]);
    }
#pragma GCC unroll 8
    for (std::size_t r = 0; r < rows; ++r)
      store_part(hn::Mul(sums[r], hn::Set(d, inverse[r])), head.width - c,
                 head.out.row(head.begin + first + r) + head.column + c);
  }
}

void attend_in_groups(const NodeGroups& groups, std::size_t heads, const AttentionInputs& inputs,
                      AlignedBuffer<float>& scratch, MatrixView<float> out) {
  const std::size_t width = inputs.queries.columns / heads;
  for_groups(groups, [&](std::size_t begin, std::size_t end) HWY_ATTR {
    const std::size_t n = end - begin, padded = padded_columns(n);
    float* keys = scratch.reserve((width + queries_at_once) * padded);
    for (std::size_t h = 0; h < heads; ++h) {
      const Head head{inputs, begin, n, h * width, width, padded, keys, keys + width * padded, out};
      transpose_keys(head);
      std::size_t i = 0;
      for (; i + queries_at_once <= n; i += queries_at_once)
        attend_queries<queries_at_once>(head, i);
      for (; i + 4 <= n; i += 4) attend_queries<4>(head, i);
      for (; i < n; ++i) attend_queries<1>(head, i);
    }
  });
}

}  // namespace stationhit::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stationhit::kernels {

HWY_EXPORT(attend_in_groups);

void attend_in_groups(const NodeGroups& groups, std::size_t heads, const AttentionInputs& inputs,
                      AlignedBuffer<float>& scratch, MatrixView<float> out) {
  HWY_DYNAMIC_DISPATCH(attend_in_groups)(groups, heads, inputs, scratch, out);
}

}  // namespace stationhit::kernels
#endif
