// The registry of features: one entry of a feature is all it takes to add one.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include <stationhit/features/features.hpp>

namespace stationhit::features {

// The data from which a feature is computed. Quantities that several features use are computed when
// they are first needed.
class NodeContext {
 public:
  NodeContext(const core::Event& event, const graph::NodeTable& nodes)
      : event_(event), nodes_(nodes) {}

  [[nodiscard]] const core::Event& event() const { return event_; }
  [[nodiscard]] const core::HitTable& hits() const { return event_.hits; }
  [[nodiscard]] const graph::NodeTable& nodes() const { return nodes_; }
  [[nodiscard]] std::span<const float> neighbors();       // [n_nodes] see group_features.hpp
  [[nodiscard]] std::span<const float> bucket_density();  // [n_nodes]

 private:
  const core::Event& event_;
  const graph::NodeTable& nodes_;
  std::optional<std::vector<float>> neighbors_, bucket_density_;
};

// Fills the values of the feature for all nodes. [n_nodes]
using FeatureFunction = void (*)(NodeContext&, std::span<float> values);

// functions()[i] belongs to known_features()[i].
[[nodiscard]] std::span<const FeatureFunction> feature_functions();

}  // namespace stationhit::features
