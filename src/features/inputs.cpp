// The one place where an event becomes the input of a network, for training and inference alike:
// nodes first, because features and neighbors are both per node.
#include <stationhit/features/input_builder.hpp>
#include <stationhit/graph/neighbor_builder.hpp>
#include <stationhit/graph/node_builder.hpp>

#include "feature_builder.hpp"

namespace stationhit::features {

struct InputBuilder::Memory {
  graph::NodeBuilder nodes;
  FeatureBuilder features;
  graph::NeighborBuilder neighbors;
  Neighbors wanted;
};

InputBuilder::InputBuilder(const graph::GraphConfig& graph,
                           std::span<const std::string> feature_names, Neighbors neighbors)
    : memory_(new Memory{graph::NodeBuilder(graph), FeatureBuilder(feature_names),
                         graph::NeighborBuilder(graph), neighbors}) {}
InputBuilder::~InputBuilder() = default;
InputBuilder::InputBuilder(InputBuilder&&) noexcept = default;
InputBuilder& InputBuilder::operator=(InputBuilder&&) noexcept = default;

void InputBuilder::build_nodes(const core::EventColumns& event, EventInputs& inputs) {
  memory_->nodes.build(event, inputs.nodes);
}

void InputBuilder::build_features(const core::EventColumns& event, EventInputs& inputs) {
  memory_->features.build(event, inputs.nodes, inputs.features);
}

void InputBuilder::build_neighbors(const core::EventColumns& event, EventInputs& inputs) {
  if (memory_->wanted == Neighbors::build)
    memory_->neighbors.build(event, inputs.nodes, inputs.neighbors);
}

void InputBuilder::build(const core::EventColumns& event, EventInputs& inputs) {
  build_nodes(event, inputs);
  build_features(event, inputs);
  build_neighbors(event, inputs);
}

EventInputs build_inputs(const core::Event& event, const graph::GraphConfig& graph,
                         std::span<const std::string> feature_names, Neighbors neighbors) {
  EventInputs inputs;
  InputBuilder(graph, feature_names, neighbors).build(event, inputs);
  return inputs;
}

std::vector<std::uint8_t> node_labels(const core::Event& event, const graph::NodeTable& nodes) {
  std::vector<std::uint8_t> labels(nodes.size());
  for (std::size_t i = 0; i < labels.size(); ++i)
    labels[i] = event.hits.truth_link[nodes.hit[i]] >= 0 ? 1 : 0;
  return labels;
}

}  // namespace stationhit::features
