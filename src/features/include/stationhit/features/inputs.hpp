// The inputs of every network: the single preparation that training and inference share.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <stationhit/features/features.hpp>
#include <stationhit/graph/neighbors.hpp>

namespace stationhit::features {

struct EventInputs {
  graph::NodeTable nodes;
  FeatureTable features;           // [n_nodes, F]
  graph::NeighborTable neighbors;  // [n_nodes, k]
};

// Whether the table of neighbors is built. Statistics and some models do not need it.
enum class Neighbors { build, leave_out };

// leave_out leaves EventInputs::neighbors empty. Throws ConfigError for feature names that are
// unknown or listed twice.
[[nodiscard]] EventInputs build_inputs(const core::Event& event, const graph::GraphConfig& graph,
                                       std::span<const std::string> feature_names,
                                       Neighbors neighbors = Neighbors::build);

// 1 where the node's hit has a truth link >= 0. [n_nodes]
[[nodiscard]] std::vector<std::uint8_t> node_labels(const core::Event& event,
                                                    const graph::NodeTable& nodes);

}  // namespace stationhit::features
