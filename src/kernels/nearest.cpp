// Every lane of a vector is a point that looks for its neighbors. Candidates come in chunks as
// large as the list of a lane: a chunk is sorted in registers by Batcher's odd-even merge sort
// (AFIPS Spring Joint Computer Conference 1968) and merged with the list, so no branch depends on a
// distance. What is sorted is a double whose bits hold the bits of the squared distance, which have
// the order of the distances, above the number of the point: all values differ, and ties are in the
// order of the numbers.
#include <algorithm>
#include <bit>
#include <cassert>
#include <cstddef>
#include <utility>

// Arrays of vectors need vectors of a size known at compile time.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

#include <stationhit/kernels/nearest.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nearest.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace stationhit::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Tag = hn::ScalableTag<double>;
using BitsTag = hn::RebindToUnsigned<Tag>;
using FloatTag = hn::Rebind<float, Tag>;
using NumberTag = hn::Rebind<std::uint32_t, Tag>;
using Vector = hn::Vec<Tag>;

constexpr unsigned number_bits = 24;
constexpr std::uint64_t number_mask = (std::uint64_t{1} << number_bits) - 1;
// Added so that no value is denormal: some programs have denormals treated as zero.
constexpr std::uint64_t normal = std::uint64_t{1} << 56U;

constexpr std::uint64_t value_bits(std::uint32_t distance_bits, std::uint64_t number) {
  return (std::uint64_t{distance_bits} << number_bits) + number + normal;
}

template <std::size_t i, std::size_t j>
HWY_INLINE void order(Vector* values) {
  const Vector smaller = hn::Min(values[i], values[j]);
  values[j] = hn::Max(values[i], values[j]);
  values[i] = smaller;
}

template <std::size_t first, std::size_t distance, std::size_t step, std::size_t... n>
HWY_INLINE void order_pairs(Vector* values, std::index_sequence<n...>) {
  (order<first + n * step, first + n * step + distance>(values), ...);
}

// Merges two sorted halves of the n values first, first + distance, ...
template <std::size_t first, std::size_t n, std::size_t distance>
HWY_INLINE void merge_halves(Vector* values) {
  constexpr std::size_t step = 2 * distance;
  if constexpr (step < n) {
    merge_halves<first, n, step>(values);
    merge_halves<first + distance, n, step>(values);
    order_pairs<first + distance, distance, step>(values, std::make_index_sequence<n / step - 1>());
  } else {
    order<first, first + distance>(values);
  }
}

template <std::size_t first, std::size_t n>
HWY_INLINE void sort(Vector* values) {
  if constexpr (n > 1) {
    sort<first, n / 2>(values);
    sort<first + n / 2, n / 2>(values);
    merge_halves<first, n, 1>(values);
  }
}

// Sorts values that ascend and then descend, or the other way around.
template <std::size_t first, std::size_t n>
HWY_INLINE void sort_bitonic(Vector* values) {
  if constexpr (n > 1) {
    order_pairs<first, n / 2, 1>(values, std::make_index_sequence<n / 2>());
    sort_bitonic<first, n / 2>(values);
    sort_bitonic<first + n / 2, n / 2>(values);
  }
}

// The n smallest of two sorted lists, sorted.
template <std::size_t n, std::size_t... i>
HWY_INLINE void keep_smallest(Vector* list, const Vector* chunk, std::index_sequence<i...>) {
  ((list[i] = hn::Min(list[i], chunk[n - 1 - i])), ...);
  sort_bitonic<0, n>(list);
}

struct Search {
  MatrixView<const float> points;
  std::int32_t k = 0;
  std::uint64_t outside = 0;  // bits of the smallest value that is no neighbor
  std::int32_t base = 0;
  std::int32_t* rows = nullptr;
};

// As many points as there are lanes: first, first + 1, ... Their coordinates stay in registers; a
// number of coordinates that is not known at compile time is 0.
template <std::size_t coordinates>
struct Queries {
  const Search& search;
  std::size_t first;
  hn::Vec<FloatTag> own[coordinates];

  HWY_INLINE Queries(const Search& of, std::size_t first_point) : search(of), first(first_point) {
    for (std::size_t c = 0; c < coordinates; ++c)
      own[c] = hn::LoadU(FloatTag(), search.points.row(c) + first);
  }
  HWY_INLINE hn::Vec<FloatTag> squared_distance(std::size_t j) const {
    const FloatTag d;
    auto distance = hn::Zero(d);
#pragma GCC unroll 3
    for (std::size_t c = 0; c < coordinates; ++c) {
      const auto away = hn::Sub(own[c], hn::Set(d, search.points.row(c)[j]));
      distance = hn::Add(distance, hn::Mul(away, away));
    }
    return distance;
  }
};
template <>
struct Queries<0> {
  const Search& search;
  std::size_t first;

  HWY_INLINE hn::Vec<FloatTag> squared_distance(std::size_t j) const {
    const FloatTag d;
    auto distance = hn::Zero(d);
    for (std::size_t c = 0; c < search.points.rows; ++c) {
      const float* coordinate = search.points.row(c);
      const auto away = hn::Sub(hn::LoadU(d, coordinate + first), hn::Set(d, coordinate[j]));
      distance = hn::Add(distance, hn::Mul(away, away));
    }
    return distance;
  }
};

// The values of candidate j.
template <class Points>
HWY_INLINE Vector values_of(const Points& queries, std::size_t j) {
  const BitsTag bits_tag;
  const auto distance = queries.squared_distance(j);
  const auto wide = hn::PromoteTo(bits_tag, hn::BitCast(NumberTag(), distance));
  const auto bits =
      hn::Add(hn::ShiftLeft<number_bits>(wide), hn::Set(bits_tag, normal + std::uint64_t{j}));
  const auto is_self =
      hn::Eq(hn::Iota(bits_tag, queries.first), hn::Set(bits_tag, std::uint64_t{j}));
  return hn::BitCast(Tag(),
                     hn::IfThenElse(is_self, hn::Set(bits_tag, queries.search.outside), bits));
}

template <std::size_t n, class Points>
HWY_INLINE void fill_chunk(const Points& queries, std::size_t begin, Vector* chunk) {
  const std::size_t points = queries.search.points.columns;
  if (begin + n <= points) {
#pragma GCC unroll 32
    for (std::size_t i = 0; i < n; ++i) chunk[i] = values_of(queries, begin + i);
    return;
  }
  const auto outside = hn::BitCast(Tag(), hn::Set(BitsTag(), queries.search.outside));
#pragma GCC unroll 32
  for (std::size_t i = 0; i < n; ++i)
    chunk[i] = begin + i < points ? values_of(queries, begin + i) : outside;
}

template <std::size_t n>
HWY_INLINE bool any_enters(const Vector* list, const Vector* chunk) {
  Vector smallest = chunk[0];
#pragma GCC unroll 32
  for (std::size_t i = 1; i < n; ++i) smallest = hn::Min(smallest, chunk[i]);
  return !hn::AllFalse(Tag(), hn::Lt(smallest, list[n - 1]));
}

// Writes the rows of as many points as there are lanes, or fewer at the end.
template <std::size_t n>
HWY_INLINE void write_rows(const Search& search, std::size_t first, const Vector* list) {
  const BitsTag d;
  const NumberTag numbers;
  const std::size_t lanes = hn::Lanes(d);
  HWY_ALIGN std::uint32_t found[n * hn::MaxLanes(d)];
  const auto outside = hn::BitCast(Tag(), hn::Set(d, search.outside));
  const auto none = hn::Set(d, std::uint64_t{0xFFFFFFFF});  // -1
  const auto base = hn::Set(d, static_cast<std::uint64_t>(search.base));
#pragma GCC unroll 32
  for (std::size_t i = 0; i < n; ++i) {
    const auto bits = hn::BitCast(d, list[i]);
    const auto number = hn::Add(base, hn::And(bits, hn::Set(d, number_mask)));
    const auto is_near = hn::RebindMask(d, hn::Lt(list[i], outside));
    hn::Store(hn::TruncateTo(numbers, hn::IfThenElse(is_near, number, none)), numbers,
              found + i * lanes);
  }
  const auto k = static_cast<std::size_t>(search.k);
  std::int32_t* row = search.rows + first * k;
  const std::size_t points = std::min(lanes, search.points.columns - first);
  for (std::size_t l = 0; l < points; ++l, row += k)
    for (std::size_t i = 0; i < k; ++i) row[i] = static_cast<std::int32_t>(found[i * lanes + l]);
}

// Lists of n >= k values.
template <std::size_t n, std::size_t coordinates>
void search_all(const Search& search) {
  const std::size_t points = search.points.columns;
  for (std::size_t first = 0; first < points; first += hn::Lanes(Tag())) {
    const Queries<coordinates> queries{search, first};
    Vector list[n], chunk[n];
    fill_chunk<n>(queries, 0, list);
    sort<0, n>(list);
    for (std::size_t begin = n; begin < points; begin += n) {
      fill_chunk<n>(queries, begin, chunk);
      if (!any_enters<n>(list, chunk)) continue;
      sort<0, n>(chunk);
      keep_smallest<n>(list, chunk, std::make_index_sequence<n>());
    }
    write_rows<n>(search, first, list);
  }
}

template <std::size_t n>
void search_all(const Search& search) {
  if (search.points.rows == 2) return search_all<n, 2>(search);
  if (search.points.rows == 3) return search_all<n, 3>(search);
  search_all<n, 0>(search);
}

void find_nearest(MatrixView<const float> points, std::int32_t k, float largest_squared,
                  std::int32_t base, std::int32_t* rows) {
  // The next larger float has the next larger bits.
  const auto outside = std::bit_cast<std::uint32_t>(largest_squared) + 1;
  const Search search{points, k, value_bits(outside, 0), base, rows};
  if (k <= 8) return search_all<8>(search);
  if (k <= 16) return search_all<16>(search);
  // Rare, and by far the longest code: once for all numbers of coordinates.
  search_all<32, 0>(search);
}

}  // namespace stationhit::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stationhit::kernels {

HWY_EXPORT(find_nearest);

void find_nearest(MatrixView<const float> points, std::int32_t k, float largest_squared,
                  std::int32_t base, std::int32_t* rows) {
  assert(k > 0 && k <= most_nearest && points.columns <= most_nearest_points);
  if (points.columns == 1) {
    std::fill_n(rows, k, -1);
    return;
  }
  HWY_DYNAMIC_DISPATCH(find_nearest)(points, k, largest_squared, base, rows);
}

}  // namespace stationhit::kernels
#endif
