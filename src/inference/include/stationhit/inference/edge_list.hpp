// The graph as an edge list, for the interface `edges`.
#pragma once

#include <cstddef>
#include <string>

#include <stationhit/graph/neighbors.hpp>
#include <stationhit/inference/model.hpp>

namespace stationhit::inference {

// The most edges of one event: 256 MiB of node numbers. One bucket of 4,096 hits has as many.
inline constexpr std::size_t max_edges = std::size_t{1} << 24U;

// Throws DataError naming `where` (the event) and its largest group if all pairs of nodes in the
// same group are more than max_edges.
void check_pair_count(const graph::NodeTable& nodes, const std::string& where);

// Appends the edges of an event whose nodes start at first_node. With a table they go from each
// neighbor to the node; without one (k = 0) they are all pairs of different nodes of a group, in
// both directions.
void append_edges(ModelInputs& inputs, const graph::NodeTable& nodes,
                  const graph::NeighborTable& table, std::size_t first_node);

}  // namespace stationhit::inference
