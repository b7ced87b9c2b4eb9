#include "graph_text.hpp"

#include <stationhit/core/named_enum.hpp>
#include <stationhit/core/text.hpp>

namespace stationhit::workflow {

std::string describe_graph(const graph::GraphConfig& graph) {
  const std::string group = " of the " + std::string(core::name(graph.grouping));
  const std::string k = std::to_string(graph.k);
  const std::string metric = ", distance in " + core::join(graph.metric);
  switch (graph.edges) {
    case graph::EdgeKind::knn:
      return "the " + k + " nearest hits" + group + metric;
    case graph::EdgeKind::radius:
      return "the hits" + group + " within " + core::to_text(graph.radius) + " cm, at most " + k +
             metric;
    case graph::EdgeKind::fully_connected:
      break;
  }
  return "all hits" + group;
}

}  // namespace stationhit::workflow
