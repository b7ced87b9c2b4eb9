// The lanes of a vector hold columns of one row, so results are the same on every instruction set.
// Four vectors of a row are combined together, so that a neighbor is looked up once for all of
// them.
#include <algorithm>
#include <cstddef>
#include <limits>

// Arrays of vectors need vectors of a size known at compile time.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

#include <stationhit/kernels/neighbor_combination.hpp>
#include <stationhit/kernels/packed_product.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neighbor_combination.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "rows-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace stationhit::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Tag = hn::ScalableTag<float>;
using Vector = hn::Vec<Tag>;

constexpr float nothing = -std::numeric_limits<float>::infinity();

HWY_INLINE Vector activate(Vector x, float slope) {
  return hn::Max(hn::Mul(hn::Set(Tag(), slope), x), x);
}

template <class Number>
HWY_INLINE Vector after_of(const MessagesOf<Number>& messages, std::size_t i, std::size_t c) {
  return messages.after.data == nullptr ? hn::Zero(Tag())
                                        : hn::LoadU(Tag(), messages.after.row(i) + c);
}

// any: whether there is a neighbor.
template <class Number>
HWY_INLINE void finish_largest(const MessagesOf<Number>& messages, std::size_t i, std::size_t c,
                               Vector best, bool any) {
  const Tag d;
  const auto x = hn::Add(hn::LoadU(d, messages.p.row(i) + c), best);
  const auto message = any ? activate(x, messages.slope) : hn::Zero(d);
  hn::StoreU(hn::Add(message, after_of(messages, i, c)), d, messages.out.row(i) + c);
}

template <std::size_t vectors>
HWY_INLINE void largest_columns(const Messages& messages, std::size_t i,
                                const std::int32_t* neighbors, std::size_t k, std::size_t c) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  Vector best[vectors];
#pragma GCC unroll 4
  for (std::size_t v = 0; v < vectors; ++v) best[v] = hn::Set(d, nothing);
  bool any = false;
  for (std::size_t n = 0; n < k; ++n) {
    if (neighbors[n] < 0) continue;
    any = true;
    const float* q = messages.q.row(static_cast<std::size_t>(neighbors[n])) + c;
#pragma GCC unroll 4
    for (std::size_t v = 0; v < vectors; ++v)
      best[v] = hn::Max(best[v], hn::LoadU(d, q + v * lanes));
  }
#pragma GCC unroll 4
  for (std::size_t v = 0; v < vectors; ++v)
    finish_largest(messages, i, c + v * lanes, best[v], any);
}

// Numbers in the order of integers, a vector of them or as many as float32 in one.
using NarrowTag = hn::Rebind<OrderedBfloat16, Tag>;
#if HWY_TARGET == HWY_SCALAR
using OrderedTag = NarrowTag;
#else
using OrderedTag = hn::Repartition<OrderedBfloat16, Tag>;
#endif

// act(p + the largest) + after; `best` is the lowest number where there is no neighbor.
HWY_INLINE void finish_largest(const RoundedMessages& messages, std::size_t i, std::size_t c,
                               hn::Vec<NarrowTag> best) {
  const Tag d;
  const hn::RebindToSigned<Tag> di;
  const auto ordered = hn::PromoteTo(di, best);
  const auto turned = hn::And(hn::ShiftRight<31>(ordered), hn::Set(di, 0x7FFF));
  const auto q = hn::BitCast(d, hn::ShiftLeft<16>(hn::Xor(ordered, turned)));
  const auto x = hn::Add(hn::LoadU(d, messages.p.row(i) + c), q);
  const auto is_none = hn::RebindMask(d, hn::Eq(ordered, hn::Set(di, lowest_ordered)));
  const auto message = hn::IfThenZeroElse(is_none, activate(x, messages.slope));
  hn::StoreU(hn::Add(message, after_of(messages, i, c)), d, messages.out.row(i) + c);
}

template <std::size_t vectors, class D>
HWY_INLINE void largest_columns(const RoundedMessages& messages, std::ptrdiff_t stride,
                                std::size_t i, const std::int32_t* neighbors, std::size_t k,
                                std::size_t c) {
  const D d;
  const std::size_t lanes = hn::Lanes(d);
  hn::Vec<D> best[vectors];
#pragma GCC unroll 4
  for (std::size_t v = 0; v < vectors; ++v) best[v] = hn::Set(d, lowest_ordered);
  const OrderedBfloat16* first = messages.q.data + c;
#pragma GCC unroll 4
  for (std::size_t n = 0; n < k; ++n) {
    const OrderedBfloat16* q = first + neighbors[n] * stride;
#pragma GCC unroll 4
    for (std::size_t v = 0; v < vectors; ++v)
      best[v] = hn::Max(best[v], hn::LoadU(d, q + v * lanes));
  }
  HWY_ALIGN OrderedBfloat16 largest[vectors * hn::MaxLanes(D())];
#pragma GCC unroll 4
  for (std::size_t v = 0; v < vectors; ++v) hn::Store(best[v], d, largest + v * lanes);
#pragma GCC unroll 8
  for (std::size_t at = 0; at < vectors * lanes; at += hn::Lanes(Tag()))
    finish_largest(messages, i, c + at, hn::LoadU(NarrowTag(), largest + at));
}

// Messages are taken by value: what is written cannot change them, so they stay in registers.
HWY_INLINE void add_largest_strided(NeighborTable table, RoundedMessages messages,
                                    std::ptrdiff_t stride) {
  const std::size_t lanes = hn::Lanes(OrderedTag()), columns = padded_columns(messages.p.columns);
  for (std::size_t i = 0; i < table.rows; ++i) {
    const std::int32_t* neighbors = table.row(i);
    std::size_t c = 0;
    for (; c + 2 * lanes <= columns; c += 2 * lanes)
      largest_columns<2, OrderedTag>(messages, stride, i, neighbors, table.columns, c);
    for (; c + lanes <= columns; c += lanes)
      largest_columns<1, OrderedTag>(messages, stride, i, neighbors, table.columns, c);
    for (; c < columns; c += hn::Lanes(NarrowTag()))
      largest_columns<1, NarrowTag>(messages, stride, i, neighbors, table.columns, c);
  }
}

// The usual width is known at compile time: rows are found by a shift then.
void add_largest_rounded(NeighborTable table, RoundedMessages messages) {
  constexpr std::size_t usual = 64;
  messages.q.stride == usual
      ? add_largest_strided(table, messages, usual)
      : add_largest_strided(table, messages, static_cast<std::ptrdiff_t>(messages.q.stride));
}

void add_largest(NeighborTable table, Messages messages) {
  const std::size_t lanes = hn::Lanes(Tag()), columns = padded_columns(messages.p.columns);
  for (std::size_t i = 0; i < table.rows; ++i) {
    const std::int32_t* neighbors = table.row(i);
    std::size_t c = 0;
    for (; c + 4 * lanes <= columns; c += 4 * lanes)
      largest_columns<4>(messages, i, neighbors, table.columns, c);
    for (; c < columns; c += lanes) largest_columns<1>(messages, i, neighbors, table.columns, c);
  }
}

// is_relu: the slope is 0.
template <std::size_t vectors, bool is_relu, class Row>
HWY_INLINE void sum_columns(const Messages& messages, Reduction reduction, std::size_t i,
                            const Row& row, std::size_t c) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  Vector sums[vectors], own[vectors];
#pragma GCC unroll 4
  for (std::size_t v = 0; v < vectors; ++v) {
    sums[v] = hn::Zero(d);
    own[v] = hn::LoadU(d, messages.p.row(i) + c + v * lanes);
  }
  std::size_t count = 0;
  for (std::size_t n = 0; n < row.size; ++n) {
    if (row[n] < 0) continue;
    ++count;
    const float* q = messages.q.row(static_cast<std::size_t>(row[n])) + c;
#pragma GCC unroll 4
    for (std::size_t v = 0; v < vectors; ++v) {
      const auto x = hn::Add(own[v], hn::LoadU(d, q + v * lanes));
      sums[v] = hn::Add(sums[v], is_relu ? hn::Max(x, hn::Zero(d)) : activate(x, messages.slope));
    }
  }
  const bool divide = reduction == Reduction::mean && count > 1;
  const auto divisor = hn::Set(d, divide ? static_cast<float>(count) : 1.0F);
#pragma GCC unroll 4
  for (std::size_t v = 0; v < vectors; ++v) {
    const std::size_t at = c + v * lanes;
    hn::StoreU(hn::Add(hn::Div(sums[v], divisor), after_of(messages, i, at)), d,
               messages.out.row(i) + at);
  }
}

template <bool is_relu>
void add_all_sums(const Edges& edges, const Messages& messages, Reduction reduction) {
  const std::size_t lanes = hn::Lanes(Tag()), columns = padded_columns(messages.p.columns);
  for_rows(edges, [&](std::size_t i, const auto& row) HWY_ATTR {
    std::size_t c = 0;
    for (; c + 4 * lanes <= columns; c += 4 * lanes)
      sum_columns<4, is_relu>(messages, reduction, i, row, c);
    for (; c < columns; c += lanes) sum_columns<1, is_relu>(messages, reduction, i, row, c);
  });
}

void add_sums(const Edges& edges, const Messages& messages, Reduction reduction) {
  messages.slope == 0 ? add_all_sums<true>(edges, messages, reduction)
                      : add_all_sums<false>(edges, messages, reduction);
}

void largest_of_groups(const NodeGroups& groups, MatrixView<const float> q, MatrixView<float> out) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d), columns = padded_columns(q.columns);
  std::size_t group = 0;
  for_groups(groups, [&](std::size_t begin, std::size_t end) HWY_ATTR {
    for (std::size_t c = 0; c < columns; c += lanes) {
      auto best = hn::Set(d, nothing);
      for (std::size_t j = begin; j < end; ++j) best = hn::Max(best, hn::LoadU(d, q.row(j) + c));
      hn::StoreU(best, d, out.row(group) + c);
    }
    ++group;
  });
}

std::size_t list_edges(NeighborTable table, std::int32_t* source, std::int32_t* target) {
  const hn::CappedTag<std::int32_t, 8> d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t n = 0;
  for (std::size_t i = 0; i < table.rows; ++i) {
    const std::int32_t* row = table.row(i);
    const auto own = hn::Set(d, static_cast<std::int32_t>(i));
    std::size_t c = 0;
    for (; c + lanes <= table.columns; c += lanes) {
      const auto j = hn::LoadU(d, row + c);
      const auto exists = hn::Gt(j, hn::Set(d, -1));
      hn::StoreU(hn::Compress(j, exists), d, source + n);
      hn::StoreU(own, d, target + n);
      n += hn::CountTrue(d, exists);
    }
    for (; c < table.columns; ++c) {
      source[n] = row[c];
      target[n] = static_cast<std::int32_t>(i);
      n += row[c] < 0 ? 0U : 1U;
    }
  }
  return n;
}

void gather_terms(const EdgeList& edges, MatrixView<const float> p, MatrixView<const float> q,
                  MatrixView<float> out) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d), columns = padded_columns(q.columns);
  for (std::size_t e = 0; e < edges.source.size(); ++e) {
    const std::int32_t source = edges.source[e];
    const float* other = source < 0 ? nullptr : q.row(static_cast<std::size_t>(source));
    const float* own =
        p.data == nullptr ? nullptr : p.row(static_cast<std::size_t>(edges.target[e]));
    for (std::size_t c = 0; c < columns; c += lanes) {
      auto x = other == nullptr ? hn::Zero(d) : hn::LoadU(d, other + c);
      if (own != nullptr) x = hn::Add(x, hn::LoadU(d, own + c));
      hn::StoreU(x, d, out.row(e) + c);
    }
  }
}

// Edges with the same target that follow each other are combined in a register.
template <class Step>
HWY_INLINE void combine_all(const EdgeList& edges, MatrixView<const float> values,
                            MatrixView<float> totals, const Step& step) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d), columns = padded_columns(values.columns);
  const std::size_t n = edges.source.size();
  const std::int32_t *sources = edges.source.data(), *targets = edges.target.data();
  for (std::size_t begin = 0, end = 0; begin < n; begin = end) {
    const std::int32_t target = targets[begin];
    while (end < n && targets[end] == target) ++end;
    float* total = totals.row(static_cast<std::size_t>(target));
    for (std::size_t c = 0; c < columns; c += lanes) {
      auto sum = hn::LoadU(d, total + c);
      const std::int32_t* source = sources + begin;
      const float* value = values.row(begin) + c;
      for (const std::int32_t* last = sources + end; source < last;
           ++source, value += values.stride)
        if (*source >= 0) sum = step(sum, hn::LoadU(d, value));
      hn::StoreU(sum, d, total + c);
    }
  }
}

void combine_edges(const EdgeList& edges, MatrixView<const float> values, Combination how,
                   MatrixView<float> totals) {
  if (how == Combination::largest) {
    combine_all(edges, values, totals, [](auto a, auto b) HWY_ATTR { return hn::Max(a, b); });
  } else {
    combine_all(edges, values, totals, [](auto a, auto b) HWY_ATTR { return hn::Add(a, b); });
  }
}

void subtract_own(const EdgeList& edges, MatrixView<const float> numbers,
                  MatrixView<const float> own, float* out) {
  const hn::CappedTag<float, 8> d;
  const std::size_t lanes = hn::Lanes(d), width = numbers.columns;
  for (std::size_t e = 0; e < edges.source.size(); ++e, out += width) {
    const float* other = numbers.row(static_cast<std::size_t>(edges.source[e]));
    const float* less = own.row(static_cast<std::size_t>(edges.target[e]));
    for (std::size_t c = 0; c < width; c += lanes)
      hn::StoreU(hn::Sub(hn::LoadU(d, other + c), hn::LoadU(d, less + c)), d, out + c);
  }
}

}  // namespace stationhit::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stationhit::kernels {

HWY_EXPORT(add_largest);
HWY_EXPORT(add_largest_rounded);
HWY_EXPORT(add_sums);
HWY_EXPORT(largest_of_groups);
HWY_EXPORT(list_edges);
HWY_EXPORT(gather_terms);
HWY_EXPORT(combine_edges);
HWY_EXPORT(subtract_own);

void add_largest(NeighborTable table, const Messages& messages) {
  HWY_DYNAMIC_DISPATCH(add_largest)(table, messages);
}

void add_largest(NeighborTable table, const RoundedMessages& messages) {
  HWY_DYNAMIC_DISPATCH(add_largest_rounded)(table, messages);
}

void add_sums(const Edges& edges, const Messages& messages, Reduction reduction) {
  HWY_DYNAMIC_DISPATCH(add_sums)(edges, messages, reduction);
}

void largest_of_groups(const NodeGroups& groups, MatrixView<const float> q, MatrixView<float> out) {
  HWY_DYNAMIC_DISPATCH(largest_of_groups)(groups, q, out);
}

std::size_t list_edges(NeighborTable table, std::int32_t* source, std::int32_t* target) {
  return HWY_DYNAMIC_DISPATCH(list_edges)(table, source, target);
}

void gather_terms(const EdgeList& edges, MatrixView<const float> p, MatrixView<const float> q,
                  MatrixView<float> out) {
  HWY_DYNAMIC_DISPATCH(gather_terms)(edges, p, q, out);
}

void combine_edges(const EdgeList& edges, MatrixView<const float> values, Combination how,
                   MatrixView<float> totals) {
  HWY_DYNAMIC_DISPATCH(combine_edges)(edges, values, how, totals);
}

void subtract_own(const EdgeList& edges, MatrixView<const float> numbers,
                  MatrixView<const float> own, float* out) {
  HWY_DYNAMIC_DISPATCH(subtract_own)(edges, numbers, own, out);
}

}  // namespace stationhit::kernels
#endif
