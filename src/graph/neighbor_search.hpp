// Finds the k nearest points inside one group; squared distance and ties as in neighbors.hpp.
#pragma once

#include <cstdint>
#include <vector>

#include <stationhit/kernels/nearest.hpp>

namespace stationhit::graph {

// Values of a coordinate behind the last point that are read too; what they are does not matter.
inline constexpr std::size_t search_slack = kernels::nearest_slack;

// Keeps its working memory between groups: one object per thread.
class NeighborSearch {
 public:
  // Finds points up to this squared distance, inclusive; Inf means any distance.
  NeighborSearch(std::int32_t k, float largest_squared_distance)
      : k_(k), largest_(largest_squared_distance) {}

  // points: [coordinates, n], in canonical order. Writes rows [n, k] of base + point, ascending by
  // (squared distance, point), with no_neighbor where there are fewer.
  void run(kernels::MatrixView<const float> points, std::int32_t base, std::int32_t* rows);

 private:
  void run_sweep(kernels::MatrixView<const float> points, std::int32_t base, std::int32_t* rows);

  std::int32_t k_;
  float largest_;
  std::vector<float> points_;
  std::vector<std::int64_t> best_;
  std::vector<std::uint32_t> order_;
};

}  // namespace stationhit::graph
