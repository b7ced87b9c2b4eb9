// The graph of the interface edges as a list.
#pragma once

#include <cstddef>

#include <stationhit/graph/neighbours.hpp>
#include <stationhit/inference/onnx_model.hpp>

namespace stationhit::inference {

// Appends the edges of an event whose nodes start at first_node: those of the table, from the
// neighbour to the node; without a table (k = 0) all pairs of different nodes of a group, in both
// directions.
void append_edges(ModelInputs& inputs, const graph::NodeTable& nodes,
                  const graph::NeighbourTable& table, std::size_t first_node);

}  // namespace stationhit::inference
