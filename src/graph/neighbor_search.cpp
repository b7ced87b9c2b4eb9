// Small groups compare all pairs (kernels/nearest.hpp). Larger groups are sorted along their widest
// coordinate and each point is swept outward until that coordinate alone exceeds the k-th distance.
// Distances are compared as integers there: the bits of non-negative floats have the same order as
// the floats. The number of a point is in the lower bits, so ties have the same result in both.
#include "neighbor_search.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <numeric>
#include <span>
#include <utility>

#include <stationhit/graph/neighbors.hpp>
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
constexpr std::size_t sweep_above = 512;

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

// The k smallest values so far, ascending; the upper bits are those of the squared distance, the
// lower bits the number of the point. Insertion copies from one array of [1 + k] to another, and
// slot 0 is smaller than every value.
class SmallestValues {
 public:
  SmallestValues(std::vector<std::int64_t>& memory, std::int32_t k, std::int32_t outside) : k_(k) {
    const std::size_t size = 1 + static_cast<std::size_t>(k);
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
  for (const std::int32_t of_point : bits) enters |= of_point <= most ? 1 : 0;
  if (enters == 0) return;
  const std::uint32_t* point = points.point + first;
  for (const std::int32_t of_point :
       std::span(bits).first(static_cast<std::size_t>(last - first))) {
    const std::int64_t value = std::int64_t{of_point} << 32U | *point++;
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

std::size_t find_widest_axis(kernels::MatrixView<const float> points) {
  std::size_t widest = 0;
  float largest_range = -1;
  for (std::size_t c = 0; c < points.rows; ++c) {
    const auto [low, high] = std::minmax_element(points.row(c), points.row(c) + points.columns);
    if (*high - *low > largest_range) {
      largest_range = *high - *low;
      widest = c;
    }
  }
  return widest;
}

}  // namespace

void NeighborSearch::run(kernels::MatrixView<const float> points, std::int32_t base,
                         std::int32_t* rows) {
  if (points.columns > sweep_above || k_ > kernels::most_nearest) {
    run_sweep(points, base, rows);
  } else {
    kernels::find_nearest(points, k_, largest_, base, rows);
  }
}

void NeighborSearch::run_sweep(kernels::MatrixView<const float> points, std::int32_t base,
                               std::int32_t* rows) {
  const std::size_t axis = find_widest_axis(points), n = points.columns;
  order_.resize(n);
  std::iota(order_.begin(), order_.end(), 0U);
  std::sort(order_.begin(), order_.end(),
            [values = points.row(axis)](auto a, auto b) { return values[a] < values[b]; });
  // A chunk may read up to a vector beyond the last point.
  const std::size_t stride = n + lanes;
  points_.resize(points.rows * stride);
  for (std::size_t c = 0; c < points.rows; ++c)
    for (std::size_t place = 0; place < n; ++place)
      points_[c * stride + place] = points.row(c)[order_[place]];
  const SweptPoints swept{points_.data(), points.rows,
                          stride,         points_.data() + axis * stride,
                          order_.data(),  static_cast<std::int32_t>(n)};
  // Adding 1 to the bits of a float >= 0 gives the next larger float, so "< outside" means "<= the
  // largest distance".
  const std::int32_t outside = std::bit_cast<std::int32_t>(largest_) + 1;
  for (std::int32_t place = 0; place < swept.n; ++place) {
    SmallestValues smallest(best_, k_, outside);
    nearest_in_sweep(swept, place, smallest);
    std::int32_t* row =
        rows + static_cast<std::ptrdiff_t>(order_[static_cast<std::size_t>(place)]) * k_;
    for (const std::int64_t value : smallest.values()) {
      const bool is_near = value >> 32U < outside;
      *row++ = is_near ? base + static_cast<std::int32_t>(value & 0xFFFFFFFF) : no_neighbor;
    }
  }
}

}  // namespace stationhit::graph
