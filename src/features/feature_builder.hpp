// Computes features with memory that is kept from event to event.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "registry.hpp"

namespace stationhit::features {

class FeatureBuilder {
 public:
  // Throws ConfigError like check_feature_names.
  explicit FeatureBuilder(std::span<const std::string> names);

  void build(const core::EventColumns& event, const graph::NodeTable& nodes, FeatureTable& table);

 private:
  std::vector<std::string> names_;
  std::vector<FeatureFunction> functions_;
  NodeContext context_;
  std::vector<float> columns_;  // [F, n_nodes]
};

}  // namespace stationhit::features
