#pragma once

#include <string>

#include <stationhit/graph/graph_config.hpp>

namespace stationhit::workflow {

// "the 8 nearest hits of the bucket, distance in localY, localZ"
[[nodiscard]] std::string describe_graph(const graph::GraphConfig& graph);

}  // namespace stationhit::workflow
