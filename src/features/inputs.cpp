// The one place where an event becomes the input of a network, for training and inference alike:
// nodes first, because features and neighbors are both per node.
#include <stationhit/features/inputs.hpp>

namespace stationhit::features {

EventInputs build_inputs(const core::Event& event, const graph::GraphConfig& graph,
                         std::span<const std::string> feature_names, Neighbors neighbors) {
  EventInputs inputs;
  inputs.nodes = graph::make_nodes(event, graph);
  inputs.features = compute_features(event, inputs.nodes, feature_names);
  if (neighbors == Neighbors::build)
    inputs.neighbors = graph::build_neighbors(event, inputs.nodes, graph);
  return inputs;
}

std::vector<std::uint8_t> node_labels(const core::Event& event, const graph::NodeTable& nodes) {
  std::vector<std::uint8_t> labels(nodes.size());
  for (std::size_t i = 0; i < labels.size(); ++i)
    labels[i] = event.hits.truth_link[nodes.hit[i]] >= 0 ? 1 : 0;
  return labels;
}

}  // namespace stationhit::features
