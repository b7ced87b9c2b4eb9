// Distances are compared as integers: the bits of non-negative floats have the same order as the
// floats. Small groups compare all pairs, with one query point per vector lane and one sorted list
// of k per lane, O(n^2) with a small constant. Larger groups are sorted along their widest
// coordinate and each point is swept outward until that coordinate alone exceeds the k-th distance.
// Points enter in canonical order, or are compared with their number as the lower bits, so ties
// have the same result in both.
#include "neighbor_search.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <numeric>
#include <utility>

#include <stationhit/graph/vector_variants.hpp>

// Placed before a loop over the lanes, which is vectorized only if it is not unrolled first.
#if defined(__GNUC__) && !defined(__clang__)
#define STATIONHIT_LANES _Pragma("GCC unroll 1")
#define STATIONHIT_INLINE [[gnu::always_inline]] inline
#else
#define STATIONHIT_INLINE inline
#define STATIONHIT_LANES
#endif

namespace stationhit::graph {
namespace {

constexpr std::int32_t lanes = 16;
// Larger than the bits of every squared distance, including Inf: the bits of floats >= 0 have the
// same order as the floats.
constexpr std::int32_t beyond = std::numeric_limits<std::int32_t>::max();
// Groups above this size are swept along one coordinate instead of comparing all pairs.
constexpr std::size_t sweep_above = 256;

// Sorted lists of `lanes` points at a time: slot s of the list of lane l is at [s * lanes + l].
struct SortedLists {
  std::int32_t* __restrict bits;   // of the squared distance
  std::int32_t* __restrict point;  // -1 = free
  std::int32_t k;
};

// Bits of the squared distances of point j to the points first + l, `beyond` if they are the same
// point. points: [n_coordinates, stride].
STATIONHIT_INLINE void distance_bits(const float* __restrict points, std::size_t n_coordinates,
                                     std::size_t stride, std::int32_t first, std::int32_t j,
                                     std::int32_t* __restrict bits) {
  float distance[lanes] = {};
  for (std::size_t c = 0; c < n_coordinates; ++c) {
    const float* __restrict coordinate = points + c * stride;
    STATIONHIT_LANES
    for (std::int32_t l = 0; l < lanes; ++l) {
      const float difference = coordinate[first + l] - coordinate[j];
      distance[l] += difference * difference;
    }
  }
  STATIONHIT_LANES
  for (std::int32_t l = 0; l < lanes; ++l)
    bits[l] = j == first + l ? beyond : std::bit_cast<std::int32_t>(distance[l]);
}

STATIONHIT_INLINE bool any_enters(const SortedLists& lists, const std::int32_t* __restrict bits) {
  const std::int32_t* __restrict last = lists.bits + (lists.k - 1) * lanes;
  // All lanes are tested without a branch per lane: most points enter no list, so the scan over all
  // pairs costs little more than one comparison per vector.
  std::int32_t enters = 0;
  STATIONHIT_LANES
  for (std::int32_t l = 0; l < lanes; ++l) enters |= bits[l] < last[l] ? 1 : 0;
  return enters != 0;
}

// Inserts point j after all that are not further away; the lists contain at most j points so far.
STATIONHIT_INLINE void insert_point(const SortedLists& lists, const std::int32_t* __restrict bits,
                                    std::int32_t j) {
  // One step of an insertion sort in every lane, from the end of the list: a slot takes the value
  // in front of it, the new value or keeps its own. Minimum and maximum do that without branches.
  for (std::int32_t s = std::min(j, lists.k - 1); s > 0; --s) {
    std::int32_t* __restrict slot_bits = lists.bits + s * lanes;
    std::int32_t* __restrict slot_point = lists.point + s * lanes;
    const std::int32_t* __restrict before_bits = lists.bits + (s - 1) * lanes;
    const std::int32_t* __restrict before_point = lists.point + (s - 1) * lanes;
    STATIONHIT_LANES
    for (std::int32_t l = 0; l < lanes; ++l) {
      const std::int32_t entered = bits[l] < slot_bits[l] ? j : slot_point[l];
      slot_point[l] = bits[l] < before_bits[l] ? before_point[l] : entered;
      slot_bits[l] = std::max(before_bits[l], std::min(slot_bits[l], bits[l]));
    }
  }
  STATIONHIT_LANES
  for (std::int32_t l = 0; l < lanes; ++l) {
    lists.point[l] = bits[l] < lists.bits[l] ? j : lists.point[l];
    lists.bits[l] = std::min(lists.bits[l], bits[l]);
  }
}

// The points come in ascending order and are inserted after equal distances, which gives the
// canonical order.
STATIONHIT_VECTOR_VARIANTS
void nearest_in_lanes(const float* points, std::size_t n_coordinates, std::size_t stride,
                      std::int32_t n, std::int32_t first, std::int32_t outside,
                      const SortedLists& lists) {
  std::fill_n(lists.bits, lists.k * lanes, outside);
  std::fill_n(lists.point, lists.k * lanes, -1);
  std::int32_t bits[lanes];
  for (std::int32_t j = 0; j < n; ++j) {
    distance_bits(points, n_coordinates, stride, first, j, bits);
    if (j < lists.k || any_enters(lists, bits)) insert_point(lists, bits, j);
  }
}

// The k smallest values so far, ascending; the upper bits are those of the squared distance, the
// lower bits the number of the point. Insertion copies from one array of [1 + k] to another, and
// slot 0 is smaller than every value.
class SmallestValues {
 public:
  SmallestValues(std::vector<std::int64_t>& memory, std::int32_t k, std::int32_t outside) : k_(k) {
    const auto size = static_cast<std::size_t>(1 + k);
    memory.assign(2 * size, std::int64_t{outside} << 32U);
    values_ = memory.data();
    other_ = memory.data() + size;
    values_[0] = other_[0] = -1;
  }

  STATIONHIT_INLINE void insert(std::int64_t value) {
    const std::int64_t* __restrict from = values_;
    std::int64_t* __restrict to = other_;
    STATIONHIT_LANES
    for (std::int32_t s = 1; s <= k_; ++s) to[s] = std::max(from[s - 1], std::min(from[s], value));
    std::swap(values_, other_);
  }
  // Only smaller values enter.
  [[nodiscard]] std::int64_t bound() const { return values_[k_]; }
  // No point with larger bits can enter. Equal distances can, because the canonical order decides.
  [[nodiscard]] std::int32_t most_bits() const { return static_cast<std::int32_t>(bound() >> 32U); }
  [[nodiscard]] std::span<const std::int64_t> values() const {
    return {values_ + 1, static_cast<std::size_t>(k_)};
  }

 private:
  std::int32_t k_;
  std::int64_t *values_ = nullptr, *other_ = nullptr;
};

// Points sorted by one coordinate, the axis. coordinates: [n_coordinates, stride], stride >= n +
// lanes.
struct SweptPoints {
  const float* coordinates;
  std::size_t n_coordinates, stride;
  const float* axis;
  const std::uint32_t* point;  // [n] which point it is
  std::int32_t n;
};

// Offers the points at [first, last), at most `lanes`, as neighbors of the one at `place`.
STATIONHIT_INLINE void offer_chunk(const SweptPoints& points, std::int32_t place,
                                   std::int32_t first, std::int32_t last,
                                   SmallestValues& smallest) {
  std::int32_t bits[lanes];
  distance_bits(points.coordinates, points.n_coordinates, points.stride, first, place, bits);
  const std::int32_t most = smallest.most_bits();
  std::int32_t enters = 0;
  STATIONHIT_LANES
  for (std::int32_t l = 0; l < lanes; ++l) enters |= bits[l] <= most ? 1 : 0;
  if (enters == 0) return;
  for (std::int32_t l = 0; l < last - first; ++l) {
    const std::int64_t value = std::int64_t{bits[l]} << 32U | points.point[first + l];
    if (value < smallest.bound()) smallest.insert(value);
  }
}

// The points are visited outward until the distance along the axis alone exceeds that of the k-th
// neighbor or the largest distance. This is exact: a float32 sum of squares is never below one of
// its terms.
STATIONHIT_VECTOR_VARIANTS
void nearest_in_sweep(const SweptPoints& points, std::int32_t place, SmallestValues& smallest) {
  const auto in_reach = [&](std::int32_t other) {
    const float away = points.axis[place] - points.axis[other];
    return std::bit_cast<std::int32_t>(away * away) <= smallest.most_bits();
  };
  std::int32_t below = place;  // [below, above) is done
  std::int32_t above = place + 1;
  bool more_below = true;
  bool more_above = true;
  while (more_below || more_above) {
    more_below = more_below && below > 0 && in_reach(below - 1);
    if (more_below) {
      const std::int32_t first = std::max(0, below - lanes);
      offer_chunk(points, place, first, below, smallest);
      below = first;
    }
    more_above = more_above && above < points.n && in_reach(above);
    if (more_above) {
      const std::int32_t last = std::min(points.n, above + lanes);
      offer_chunk(points, place, above, last, smallest);
      above = last;
    }
  }
}

std::size_t find_widest_axis(std::span<const std::span<const float>> coordinates) {
  const auto range = [](std::span<const float> values) {
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    return *high - *low;
  };
  const auto found =
      std::max_element(coordinates.begin(), coordinates.end(),
                       [&](const auto& a, const auto& b) { return range(a) < range(b); });
  return static_cast<std::size_t>(found - coordinates.begin());
}

}  // namespace

// Adding 1 to the bits of a float >= 0 gives the next larger float, so "< outside" means "<= the
// largest distance".
NeighborSearch::NeighborSearch(std::int32_t k, float largest_squared_distance)
    : k_(k), outside_(std::bit_cast<std::int32_t>(largest_squared_distance) + 1) {}

void NeighborSearch::run(std::span<const std::span<const float>> coordinates, std::int32_t base,
                         std::int32_t* rows) {
  if (coordinates.front().size() > sweep_above) {
    run_sweep(coordinates, base, rows);
  } else {
    run_in_lanes(coordinates, base, rows);
  }
}

void NeighborSearch::run_in_lanes(std::span<const std::span<const float>> coordinates,
                                  std::int32_t base, std::int32_t* rows) {
  const auto n = static_cast<std::int32_t>(coordinates.front().size());
  // Rounded up to whole vectors; what the lanes beyond the last point find is never copied out.
  const auto stride = static_cast<std::size_t>((n + lanes - 1) / lanes * lanes);
  points_.assign(coordinates.size() * stride, 0.0F);
  for (std::size_t c = 0; c < coordinates.size(); ++c)
    std::copy(coordinates[c].begin(), coordinates[c].end(),
              points_.begin() + static_cast<std::ptrdiff_t>(c * stride));
  best_bits_.resize(static_cast<std::size_t>(k_ * lanes));
  best_point_.resize(static_cast<std::size_t>(k_ * lanes));
  // Rows keep their padding of -1 where the group has fewer than k other nodes.
  const std::int32_t filled = std::min(k_, n - 1);
  if (filled == 0) return;
  const SortedLists lists{best_bits_.data(), best_point_.data(), filled};
  for (std::int32_t first = 0; first < n; first += lanes) {
    nearest_in_lanes(points_.data(), coordinates.size(), stride, n, first, outside_, lists);
    for (std::int32_t l = 0; l < std::min(lanes, n - first); ++l) {
      std::int32_t* row = rows + static_cast<std::ptrdiff_t>(first + l) * k_;
      for (std::int32_t s = 0; s < filled; ++s) {
        const std::int32_t point = best_point_[static_cast<std::size_t>(s * lanes + l)];
        if (point >= 0) row[s] = base + point;
      }
    }
  }
}

void NeighborSearch::run_sweep(std::span<const std::span<const float>> coordinates,
                               std::int32_t base, std::int32_t* rows) {
  const std::size_t axis = find_widest_axis(coordinates);
  const std::size_t n = coordinates[axis].size();
  order_.resize(n);
  std::iota(order_.begin(), order_.end(), 0U);
  std::sort(order_.begin(), order_.end(),
            [values = coordinates[axis]](auto a, auto b) { return values[a] < values[b]; });
  // A chunk may read up to a vector beyond the last point.
  const std::size_t stride = n + lanes;
  points_.assign(coordinates.size() * stride, 0.0F);
  for (std::size_t c = 0; c < coordinates.size(); ++c)
    for (std::size_t place = 0; place < n; ++place)
      points_[c * stride + place] = coordinates[c][order_[place]];
  const SweptPoints points{points_.data(), coordinates.size(),
                           stride,         points_.data() + axis * stride,
                           order_.data(),  static_cast<std::int32_t>(n)};
  for (std::int32_t place = 0; place < points.n; ++place) {
    SmallestValues smallest(best_, k_, outside_);
    nearest_in_sweep(points, place, smallest);
    std::int32_t* row =
        rows + static_cast<std::ptrdiff_t>(order_[static_cast<std::size_t>(place)]) * k_;
    for (const std::int64_t value : smallest.values()) {
      if (value >> 32U < outside_) *row++ = base + static_cast<std::int32_t>(value & 0xFFFFFFFF);
    }
  }
}

}  // namespace stationhit::graph
