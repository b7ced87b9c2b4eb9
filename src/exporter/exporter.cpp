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

using BlockWriter = std::string (*)(Stages&, std::string);

// The registry: a new network is one file and one line here.
constexpr std::array<std::pair<std::string_view, BlockWriter>, 2> writers{{
    {"mlp", mlp_blocks},
    {"edgeconv", edgeconv_blocks},
}};

BlockWriter find_writer(const std::string& architecture) {
  const auto found = std::ranges::find(writers, architecture, &std::pair<std::string_view, BlockWriter>::first);
  if (found != writers.end()) return found->second;
  throw core::ConfigError("model.architecture: networks of the kind \"" + architecture +
                          "\" cannot be exported; those that can: " + core::join(exportable_architectures()));
}

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
  const BlockWriter write_blocks = find_writer(weights.config.architecture);
  onnx_file::GraphBuilder graph(weights.config.architecture);
  Stages stages(graph, weights, provenance.graph.k);
  const std::string hidden = stages.embed();
  stages.classify(write_blocks(stages, hidden));
  graph.metadata(onnx_file::to_properties(metadata(weights, provenance)));
  return graph;
}

std::vector<std::string> exportable_architectures() {
  std::vector<std::string> names;
  for (const auto& [name, writer] : writers) names.emplace_back(name);
  return names;
}

}  // namespace stationhit::exporter
