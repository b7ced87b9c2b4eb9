#include <algorithm>
#include <utility>

#include <stationhit/architecture/model_config_json.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/named_enum.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/core/version.hpp>
#include <stationhit/exporter/exporter.hpp>
#include <stationhit/onnx_file/model_metadata.hpp>

#include "fused_network.hpp"
#include "network_writer.hpp"

namespace stationhit::exporter {
namespace {

// What the inference tool of the experiment computes.
const std::vector<std::string> tool_features{
    "localX", "localY",         "localZ",    "stationIndex",   "stationPhi", "stationEta",
    "driftR", "relative_layer", "neighbors", "bucket_density", "isolation",  "covX",
    "covY"};

onnx_file::ModelMetadata metadata(const Weights& weights, const Provenance& provenance,
                                  Interface interface) {
  onnx_file::ModelMetadata result;
  result.feature_names = weights.feature_names;
  result.graph_json = graph::to_json(provenance.graph);
  result.thresholds = provenance.thresholds;
  result.pos_weight = provenance.pos_weight;
  result.architecture = weights.config.architecture;
  result.network_json = architecture::to_json(weights.config);
  result.interface_name = core::name(interface);
  result.version = core::version();
  result.config_hash = provenance.config_hash;
  result.card_json = provenance.card_json;
  return result;
}

// A list of edges says which nodes are neighbors, but only that of full groups says which nodes
// are a group.
void check_interface(const architecture::NetworkDescription& network,
                     const graph::GraphConfig& graph, Interface interface) {
  using architecture::Reach;
  if (!graph::has_table(graph) && has_stage(network, architecture::StageKind::compaction)) {
    throw core::ConfigError(network.name + " needs a neighbor table, but graph.edges is " +
                            std::string(core::name(graph.edges)) +
                            "; train it with graph.edges: knn or radius");
  }
  if (!takes_edges(interface)) return;
  const std::string where = "interface " + std::string(core::name(interface)) + ": ";
  if (reaches(network, Reach::event)) {
    throw core::ConfigError(where + network.name +
                            " looks beyond groups, and edges do not tell which nodes are an event; "
                            "export it with the interface table");
  }
  for (const architecture::GraphDescription& of_network : network.graphs) {
    if (of_network.columns == 0) continue;
    throw core::ConfigError(
        where + "model.neighbors: " + std::to_string(of_network.columns) +
        " takes the nearest neighbors, and a list of edges has no order; export "
        "it with the interface table");
  }
  const bool has_groups = reaches(network, Reach::groups);
  if (!has_groups && !reaches(network, Reach::neighbors)) {
    throw core::ConfigError(where + "the network " + network.name +
                            " has no edges; export it with the interface table");
  }
  if (!has_groups || !graph::has_table(graph)) return;
  throw core::ConfigError(
      where + network.name + " looks at whole groups, and the edges of graph.edges: " +
      std::string(core::name(graph.edges)) +
      " do not tell them; export it with the interface table, or train it with graph.edges: "
      "fully_connected");
}

}  // namespace

std::vector<std::string> drop_in_obstacles(const std::vector<std::string>& feature_names,
                                           const graph::GraphConfig& graph) {
  std::vector<std::string> obstacles;
  if (graph.edges != graph::EdgeKind::fully_connected ||
      graph.grouping != graph::Grouping::bucket) {
    obstacles.push_back("it was trained on graph.edges: " + std::string(core::name(graph.edges)) +
                        " in every " + std::string(core::name(graph.grouping)) +
                        "; the tool gives fully connected buckets (graph.edges: fully_connected, "
                        "graph.grouping: bucket)");
  }
  std::vector<std::string> unknown;
  for (const std::string& name : feature_names) {
    if (std::ranges::find(tool_features, name) == tool_features.end()) unknown.push_back(name);
  }
  if (unknown.empty()) return obstacles;
  obstacles.push_back("the tool does not know the features " + core::join(unknown) + "; it knows " +
                      core::join(tool_features));
  return obstacles;
}

onnx_file::GraphBuilder export_network(const models::Network& network, const Provenance& provenance,
                                       Interface interface) {
  const Weights weights = read_weights(network);
  const auto description = describe_network(weights.config, weights.feature_names);
  check_interface(description, provenance.graph, interface);
  const auto properties = metadata(weights, provenance, interface);
  onnx_file::GraphBuilder graph(description.name);
  NetworkWriter(graph, weights, provenance.graph,
                takes_edges(interface) ? onnx_file::Interface::edges : onnx_file::Interface::table)
      .write(description);
  graph.metadata(onnx_file::to_properties(properties));
  return is_fused(interface) ? fuse(graph, description, properties) : std::move(graph);
}

}  // namespace stationhit::exporter
