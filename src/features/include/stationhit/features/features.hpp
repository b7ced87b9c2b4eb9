// Named features of the nodes of an event.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <stationhit/core/event.hpp>
#include <stationhit/graph/nodes.hpp>

namespace stationhit::features {

// Row-major [n_nodes, n_features], raw physical values.
struct FeatureTable {
  std::vector<std::string> names;
  std::vector<float> values;

  [[nodiscard]] std::size_t n_features() const { return names.size(); }
};

// The codes first .. first + count - 1 that a discrete feature can have; count = 0: the feature is
// continuous.
struct CodeRange {
  std::int32_t first = 0, count = 0;
};

// All names that compute_features knows, in documentation order, with unit and meaning.
struct FeatureInfo {
  std::string name;
  std::string unit;  // "mm", "rad", "-", ...
  std::string meaning;
  CodeRange codes = {};  // of technology, stationIndex, stationPhi, stationEta
};
[[nodiscard]] std::span<const FeatureInfo> known_features();
// The codes of a feature; none for unknown names.
[[nodiscard]] CodeRange codes_of(const std::string& feature);

// Throws ConfigError with the nearest known name if one is unknown or repeated, or the list is
// empty.
void check_feature_names(std::span<const std::string> names);

[[nodiscard]] FeatureTable compute_features(const core::Event& event, const graph::NodeTable& nodes,
                                            std::span<const std::string> names);

}  // namespace stationhit::features
