#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/core/version.hpp>
#include <stationhit/exporter/exporter.hpp>
#include <stationhit/onnx_file/model_metadata.hpp>

#include "stages.hpp"

namespace stationhit::exporter {
namespace {

using Writer = std::string (*)(Stages&);

// The registry: a new network is one file and one line here.
constexpr std::array<std::pair<std::string_view, Writer>, 4> writers{{
    {"mlp", mlp_network},
    {"edgeconv", edgeconv_network},
    {"edgeconv_gat", gat_network},
    {"edgeconv_attention", attention_network},
}};

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
  result.interface_name = interface == Interface::table ? "table" : "edges";
  result.version = core::version();
  result.config_hash = provenance.config_hash;
  return result;
}

// A list of edges says which nodes are neighbors, but only that of full groups says which nodes
// are a group.
void check_interface(const architecture::ModelConfig& model, const graph::GraphConfig& graph,
                     Interface interface) {
  if (interface == Interface::table) return;
  if (model.architecture == "mlp") {
    throw core::ConfigError(
        "interface edges: the network mlp has no edges; export it with the interface table");
  }
  if (model.architecture != "edgeconv_attention" || !graph::has_table(graph)) return;
  throw core::ConfigError(
      "interface edges: edgeconv_attention looks at whole groups, and the edges of graph.edges: " +
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
  check_interface(weights.config, provenance.graph, interface);
  const auto writer = std::ranges::find(writers, weights.config.architecture,
                                        &std::pair<std::string_view, Writer>::first);
  onnx_file::GraphBuilder graph(weights.config.architecture);
  Stages stages(graph, weights, provenance.graph, interface);
  stages.classify(writer->second(stages));
  graph.metadata(onnx_file::to_properties(metadata(weights, provenance, interface)));
  return graph;
}

std::vector<std::string> exportable_architectures() {
  std::vector<std::string> names;
  for (const auto& [name, writer] : writers) names.emplace_back(name);
  return names;
}

}  // namespace stationhit::exporter
