// The graph as an edge list, for the interface `edges`.
#pragma once

#include <cstddef>

#include <stationhit/graph/neighbors.hpp>
#include <stationhit/inference/onnx_model.hpp>

namespace stationhit::inference {

// Appends the edges of an event whose nodes start at first_node. With a table they go from each
// neighbor to the node; without one (k = 0) they are all pairs of different nodes of a group, in
// both directions.
void append_edges(ModelInputs& inputs, const graph::NodeTable& nodes,
                  const graph::NeighborTable& table, std::size_t first_node);

}  // namespace stationhit::inference
