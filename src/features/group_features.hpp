// Features of a node that depend on the other nodes of its group.
#pragma once

#include <vector>

#include <stationhit/core/event.hpp>
#include <stationhit/graph/nodes.hpp>

namespace stationhit::features {

// Number of other nodes of the group strictly closer than 500 mm in the local x-y plane (float32
// sum of float32 squares). [n_nodes]
[[nodiscard]] std::vector<float> count_neighbors(const core::Event& event,
                                                 const graph::NodeTable& nodes);

// Nodes of the group / max(y_max - y_min, 10 mm), 1/mm. [n_nodes]
[[nodiscard]] std::vector<float> bucket_densities(const graph::NodeTable& nodes);

// (1 + rank of the node's layer) / number of layers of the group. A layer is a (technology,
// stationIndex, layer); MDT layers come first, then ascending median local z, then ascending code.
// [n_nodes]
[[nodiscard]] std::vector<float> relative_layers(const core::Event& event,
                                                 const graph::NodeTable& nodes);

}  // namespace stationhit::features
