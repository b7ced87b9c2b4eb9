#include "neighbour_search.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include <stationhit/graph/vector_variants.hpp>

// In front of a loop over the lanes: it becomes vector instructions only if it is not unrolled first.
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
// Larger than the bits of every squared distance, Inf included: the bits of floats >= 0 are ordered as the floats are.
constexpr std::int32_t beyond = std::numeric_limits<std::int32_t>::max();
// Groups above this size are swept along one coordinate instead of compared all with all.
constexpr std::size_t sweep_above = 384;

// Sorted lists of `lanes` points at a time: slot s of the list of lane l is at [s * lanes + l].
struct SortedLists {
  std::int32_t* __restrict bits;   // of the squared distance
  std::int32_t* __restrict point;  // -1 = free
  std::int32_t k;
};

// Bits of the squared distances of point j to the points first + l, `beyond` where they are the same point. points: [n_coordinates, stride].
STATIONHIT_INLINE void distance_bits(const float* __restrict points, std::size_t n_coordinates, std::size_t stride, std::int32_t first,
                                     std::int32_t j, std::int32_t* __restrict bits) {
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
  for (std::int32_t l = 0; l < lanes; ++l) bits[l] = j == first + l ? beyond : std::bit_cast<std::int32_t>(distance[l]);
}

STATIONHIT_INLINE bool any_enters(const SortedLists& lists, const std::int32_t* __restrict bits) {
  const std::int32_t* __restrict last = lists.bits + (lists.k - 1) * lanes;
  std::int32_t enters = 0;
  STATIONHIT_LANES
  for (std::int32_t l = 0; l < lanes; ++l) enters |= bits[l] < last[l] ? 1 : 0;
  return enters != 0;
}

// Puts point j behind all that are not further away; at most j points are in the lists yet.
STATIONHIT_INLINE void enter(const SortedLists& lists, const std::int32_t* __restrict bits, std::int32_t j) {
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

// The points come in ascending order and enter behind equal distances: that is the canonical order.
STATIONHIT_VECTOR_VARIANTS
void nearest_in_lanes(const float* points, std::size_t n_coordinates, std::size_t stride, std::int32_t n, std::int32_t first, std::int32_t outside,
                      const SortedLists& lists) {
  std::fill_n(lists.bits, lists.k * lanes, outside);
  std::fill_n(lists.point, lists.k * lanes, -1);
  std::int32_t bits[lanes];
  for (std::int32_t j = 0; j < n; ++j) {
    distance_bits(points, n_coordinates, stride, first, j, bits);
    if (j < lists.k || any_enters(lists, bits)) enter(lists, bits, j);
  }
}

std::uint64_t distance_and_point(std::span<const std::span<const float>> coordinates, std::uint32_t i, std::uint32_t j) {
  float distance = 0;
  for (const auto& coordinate : coordinates) {
    const float difference = coordinate[i] - coordinate[j];
    distance += difference * difference;
  }
  return std::uint64_t{std::bit_cast<std::uint32_t>(distance)} << 32U | j;
}

// The k smallest values below a bound so far, ascending.
class Smallest {
 public:
  Smallest(std::vector<std::uint64_t>& values, std::size_t k, std::uint64_t bound) : values_(values), k_(k), bound_(bound) { values_.clear(); }

  void offer(std::uint64_t value) {
    if (value >= bound_) return;
    if (values_.size() == k_) values_.pop_back();
    values_.insert(std::upper_bound(values_.begin(), values_.end(), value), value);
    if (values_.size() == k_) bound_ = values_.back();
  }
  // False if no point at this distance or further can enter. Equal distances can: the canonical order decides.
  [[nodiscard]] bool admits(float distance) const { return std::uint64_t{std::bit_cast<std::uint32_t>(distance)} << 32U < bound_; }

 private:
  std::vector<std::uint64_t>& values_;
  std::size_t k_;
  std::uint64_t bound_;
};

std::span<const float> widest(std::span<const std::span<const float>> coordinates) {
  const auto range = [](std::span<const float> values) {
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    return *high - *low;
  };
  return *std::max_element(coordinates.begin(), coordinates.end(), [&](const auto& a, const auto& b) { return range(a) < range(b); });
}

}  // namespace

NeighbourSearch::NeighbourSearch(std::int32_t k, float largest_squared_distance)
    : k_(k), outside_(std::bit_cast<std::int32_t>(largest_squared_distance) + 1) {}

void NeighbourSearch::run(std::span<const std::span<const float>> coordinates, std::int32_t base, std::int32_t* rows) {
  if (coordinates.front().size() > sweep_above) {
    run_sweep(coordinates, base, rows);
  } else {
    run_in_lanes(coordinates, base, rows);
  }
}

void NeighbourSearch::run_in_lanes(std::span<const std::span<const float>> coordinates, std::int32_t base, std::int32_t* rows) {
  const auto n = static_cast<std::int32_t>(coordinates.front().size());
  const auto stride = static_cast<std::size_t>((n + lanes - 1) / lanes * lanes);
  points_.assign(coordinates.size() * stride, 0.0F);
  for (std::size_t c = 0; c < coordinates.size(); ++c)
    std::copy(coordinates[c].begin(), coordinates[c].end(), points_.begin() + static_cast<std::ptrdiff_t>(c * stride));
  best_bits_.resize(static_cast<std::size_t>(k_ * lanes));
  best_point_.resize(static_cast<std::size_t>(k_ * lanes));
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

// The points in the order of the widest coordinate are visited outwards from each point until that coordinate alone is further away than the
// k-th neighbour or the largest distance: a float32 sum of squares is never below one of its terms.
void NeighbourSearch::run_sweep(std::span<const std::span<const float>> coordinates, std::int32_t base, std::int32_t* rows) {
  const std::span<const float> axis = widest(coordinates);
  const std::size_t n = axis.size();
  order_.resize(n);
  for (std::uint32_t i = 0; i < n; ++i) order_[i] = i;
  std::sort(order_.begin(), order_.end(), [&](auto a, auto b) { return axis[a] != axis[b] ? axis[a] < axis[b] : a < b; });
  for (std::size_t place = 0; place < n; ++place) {
    const std::uint32_t i = order_[place];
    Smallest smallest(best_, static_cast<std::size_t>(k_), std::uint64_t{static_cast<std::uint32_t>(outside_)} << 32U);
    const auto visit = [&](std::uint32_t j) {
      const float away = axis[i] - axis[j];
      if (!smallest.admits(away * away)) return false;
      smallest.offer(distance_and_point(coordinates, i, j));
      return true;
    };
    bool below = true;
    bool above = true;
    for (std::size_t step = 1; below || above; ++step) {
      below = below && step <= place && visit(order_[place - step]);
      above = above && place + step < n && visit(order_[place + step]);
    }
    std::int32_t* row = rows + static_cast<std::ptrdiff_t>(i) * k_;
    for (const std::uint64_t value : best_) *row++ = base + static_cast<std::int32_t>(value & 0xFFFFFFFFU);
  }
}

}  // namespace stationhit::graph
