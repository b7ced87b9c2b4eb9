// The graph of the deployment contract: fully connected inside each bucket.
#pragma once

#include <stationhit/graph/nodes.hpp>
#include <stationhit/inference/onnx_model.hpp>

namespace stationhit::inference {

// Appends both directions of every pair of different nodes of a group, ordered by group and destination; node indices are shifted by first_node.
void append_edges(ModelInputs& inputs, const graph::NodeTable& nodes, std::size_t first_node);

}  // namespace stationhit::inference
