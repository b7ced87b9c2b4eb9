// Finds the k nearest points inside one group; squared distance and ties as in neighbors.hpp.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace stationhit::graph {

// Keeps its working memory between groups: one object per thread.
class NeighborSearch {
 public:
  // Finds points up to this squared distance, inclusive; Inf means any distance.
  NeighborSearch(std::int32_t k, float largest_squared_distance);

  // coordinates[c][i]: coordinate c of point i, n points in canonical order. Writes rows [n, k] of
  // base + point, ascending by (squared distance, point); entries without a neighbor are left
  // unchanged.
  void run(std::span<const std::span<const float>> coordinates, std::int32_t base,
           std::int32_t* rows);

 private:
  void run_in_lanes(std::span<const std::span<const float>> coordinates, std::int32_t base,
                    std::int32_t* rows);
  void run_sweep(std::span<const std::span<const float>> coordinates, std::int32_t base,
                 std::int32_t* rows);

  std::int32_t k_;
  std::int32_t outside_;  // bits of the smallest squared distance that is too large
  std::vector<float> points_;
  std::vector<std::int32_t> best_bits_, best_point_;
  std::vector<std::int64_t> best_;
  std::vector<std::uint32_t> order_;
};

}  // namespace stationhit::graph
