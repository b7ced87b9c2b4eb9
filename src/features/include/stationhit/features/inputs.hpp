// The inputs of every network: the single preparation that training and inference share.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <stationhit/features/features.hpp>
#include <stationhit/graph/neighbours.hpp>

namespace stationhit::features {

struct EventInputs {
  graph::NodeTable nodes;
  FeatureTable features;             // [n_nodes, F]
  graph::NeighbourTable neighbours;  // [n_nodes, k]
};

[[nodiscard]] EventInputs build_inputs(const core::Event& event, const graph::GraphConfig& graph,
                                       std::span<const std::string> feature_names);

// 1 where the node's hit has a truth link >= 0. [n_nodes]
[[nodiscard]] std::vector<std::uint8_t> node_labels(const core::Event& event,
                                                    const graph::NodeTable& nodes);

}  // namespace stationhit::features
