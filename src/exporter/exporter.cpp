#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

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

onnx_file::ModelMetadata metadata(const Weights& weights, const Provenance& provenance) {
  onnx_file::ModelMetadata result;
  result.feature_names = weights.feature_names;
  result.graph_json = graph::to_json(provenance.graph);
  result.thresholds = provenance.thresholds;
  result.pos_weight = provenance.pos_weight;
  result.architecture = weights.config.architecture;
  result.interface_name = "table";
  result.version = core::version();
  result.config_hash = provenance.config_hash;
  return result;
}

}  // namespace

onnx_file::GraphBuilder export_network(const models::Network& network, const Provenance& provenance) {
  const Weights weights = read_weights(network);
  const auto writer = std::ranges::find(writers, weights.config.architecture, &std::pair<std::string_view, Writer>::first);
  onnx_file::GraphBuilder graph(weights.config.architecture);
  Stages stages(graph, weights, provenance.graph);
  stages.classify(writer->second(stages));
  graph.metadata(onnx_file::to_properties(metadata(weights, provenance)));
  return graph;
}

std::vector<std::string> exportable_architectures() {
  std::vector<std::string> names;
  for (const auto& [name, writer] : writers) names.emplace_back(name);
  return names;
}

}  // namespace stationhit::exporter
