// Makes the neighbor table of an event of the size of <mu> = 200, without simulating one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

namespace stationhit::bench {

// [n_nodes, k]: buckets of 1 to 61 nodes whose neighbors are other nodes of the bucket; small
// buckets leave padding.
inline std::vector<std::int32_t> make_neighbors(std::int64_t n_nodes, std::int64_t k,
                                                std::mt19937_64& engine) {
  std::vector<std::int32_t> table(static_cast<std::size_t>(n_nodes * k), -1);
  for (std::int64_t first = 0; first < n_nodes;) {
    const std::int64_t size =
        std::min<std::int64_t>(n_nodes - first, 1 + static_cast<std::int64_t>(engine() % 61));
    const std::int64_t degree = std::min(k, size - 1);
    for (std::int64_t i = first; i < first + size; ++i) {
      for (std::int64_t slot = 0; slot < degree; ++slot) {
        table[static_cast<std::size_t>(i * k + slot)] =
            static_cast<std::int32_t>(first + (i - first + 1 + slot * (size - 1) / degree) % size);
      }
    }
    first += size;
  }
  return table;
}

}  // namespace stationhit::bench
