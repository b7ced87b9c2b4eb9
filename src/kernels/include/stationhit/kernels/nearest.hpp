// The k nearest points of a small set, for tables of neighbors.
#pragma once

#include <cstddef>
#include <cstdint>

#include <stationhit/kernels/views.hpp>

namespace stationhit::kernels {

// What find_nearest can do at most.
inline constexpr std::int32_t most_nearest = 32;
inline constexpr std::size_t most_nearest_points = std::size_t{1} << 16U;

// Values of a coordinate behind the last point that are read too; what they are does not matter.
inline constexpr std::size_t nearest_slack = 15;

// points: [C, n], finite. The squared distance of two points is the float32 sum of float32 squares
// in the order of the rows, without contraction.
//
// rows [n, k], contiguous: base + the number of each of the k nearest other points whose squared
// distance is at most `largest_squared` (Inf: any), ascending by (squared distance, number); -1
// where there are fewer. k <= most_nearest, n <= most_nearest_points.
void find_nearest(MatrixView<const float> points, std::int32_t k, float largest_squared,
                  std::int32_t base, std::int32_t* rows);

}  // namespace stationhit::kernels
