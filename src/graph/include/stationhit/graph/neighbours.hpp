// Neighbour tables. Fully connected groups have none: the neighbours of a node are all nodes of its
// group, itself included, and NodeTable::offsets says which these are.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <stationhit/graph/nodes.hpp>

namespace stationhit::graph {

inline constexpr std::int32_t no_neighbour = -1;

// Row i: the neighbours of node i, ascending by (squared distance, canonical order), padded with
// -1. Row-major [n_nodes, k].
struct NeighbourTable {
  std::int32_t k = 0;
  std::vector<std::int32_t> index;

  [[nodiscard]] std::size_t n_nodes() const {
    return k > 0 ? index.size() / static_cast<std::size_t>(k) : 0;
  }
  [[nodiscard]] std::span<const std::int32_t> row(std::size_t node) const {
    return std::span(index).subspan(node * k, k);
  }
};

// The k nearest nodes of the same group, other than nodes of the same hit. edges: radius leaves out
// those whose squared distance is above float32((10 radius)^2), mm^2. Squared distance: float32 sum
// of float32 squares in the order of config.metric, without contraction. edges: fully_connected: k
// = 0 and no index (has_table(config) is false). Throws ConfigError.
[[nodiscard]] NeighbourTable build_neighbours(const core::Event& event, const NodeTable& nodes,
                                              const GraphConfig& config);

}  // namespace stationhit::graph
