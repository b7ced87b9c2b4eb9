// Neighbor tables. Fully connected groups have none: the neighbors of a node are all nodes of its
// group, including itself, and NodeTable::offsets gives their range.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <stationhit/graph/nodes.hpp>

namespace stationhit::graph {

inline constexpr std::int32_t no_neighbor = -1;

// Row i holds the neighbors of node i, ascending by (squared distance, canonical order) and padded
// with -1. Row-major [n_nodes, k].
struct NeighborTable {
  std::int32_t k = 0;
  std::vector<std::int32_t> index;

  [[nodiscard]] std::size_t n_nodes() const {
    return k > 0 ? index.size() / static_cast<std::size_t>(k) : 0;
  }
  [[nodiscard]] std::span<const std::int32_t> row(std::size_t node) const {
    return std::span(index).subspan(node * k, k);
  }
};

// Finds the k nearest nodes of the same group, other than nodes of the same hit. With `edges:
// radius`, nodes with a squared distance above float32((10 radius)^2), in mm^2, are left out. The
// squared distance is the float32 sum of float32 squares in the order of config.metric, without
// contraction. With `edges: fully_connected`, k is 0 and there is no index (has_table(config) is
// false). Throws ConfigError.
[[nodiscard]] NeighborTable build_neighbors(const core::Event& event, const NodeTable& nodes,
                                            const GraphConfig& config);

}  // namespace stationhit::graph
