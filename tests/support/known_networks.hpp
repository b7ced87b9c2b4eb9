// What tests of all networks need to know of each.
#pragma once

#include <string>
#include <tuple>
#include <vector>

#include <stationhit/architecture/network_description.hpp>
#include <stationhit/graph/graph_config.hpp>

namespace stationhit::test {

// The features together with those that a network needs for its maps.
inline std::vector<std::string> with_map_features(std::vector<std::string> features) {
  features.insert(features.end(), architecture::map_features.begin(),
                  architecture::map_features.end());
  return features;
}

// Every network with every kind of edges that it can have.
inline std::vector<std::tuple<std::string, graph::EdgeKind>> networks_with_edges(
    const std::vector<graph::EdgeKind>& kinds) {
  std::vector<std::tuple<std::string, graph::EdgeKind>> cases;
  for (const auto& name : architecture::known_networks()) {
    architecture::ModelConfig config;
    config.architecture = name;
    for (const auto edges : kinds) {
      const bool has_table = edges != graph::EdgeKind::fully_connected;
      if (has_table || !architecture::has_first_stage(config)) cases.emplace_back(name, edges);
    }
  }
  return cases;
}

}  // namespace stationhit::test
