// Network -> ONNX file. Raw physical features go in, normalization and encoding are inside; output
// float32 [N, 1], raw logits. N = 0 included.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <stationhit/graph/graph_config.hpp>
#include <stationhit/onnx_file/graph_builder.hpp>
#include <stationhit/onnx_file/model_tensors.hpp>

namespace stationhit::models {
class Network;
}

namespace stationhit::exporter {

// How a file takes the graph, and what computes it. A network without edges takes nothing but its
// features either way.
//   table, edges: the inputs of onnx_file::Interface, operators of the ONNX standard.
//   fused, fused_edges: the same inputs, and one operator of the library libstationhit_ops.so
//       (onnx_file/fused_network.hpp): the engine, in programs that keep ONNX Runtime.
enum class Interface { table, edges, fused, fused_edges };
constexpr auto names_of(Interface) {
  return std::to_array<std::string_view>({"table", "edges", "fused", "fused_edges"});
}
[[nodiscard]] constexpr bool is_fused(Interface interface) {
  return interface == Interface::fused || interface == Interface::fused_edges;
}
[[nodiscard]] constexpr bool takes_edges(Interface interface) {
  return interface == Interface::edges || interface == Interface::fused_edges;
}

// The description of the network that the file carries in addition to its weights.
struct Provenance {
  graph::GraphConfig graph;  // the graph it was trained on
  std::map<std::string, float>
      thresholds;           // working point ("0.99") -> logit cut, from the validation set
  double pos_weight = 1.0;  // weight of signal in the training loss
  std::string config_hash;  // of the resolved configuration of the run
  std::string card_json;    // onnx_file::ModelMetadata::card_json
};

// Write it with GraphBuilder::write. Throws ConfigError where the edges do not tell what the
// network needs, saying which interface does.
[[nodiscard]] onnx_file::GraphBuilder export_network(const models::Network& network,
                                                     const Provenance& provenance,
                                                     Interface interface = Interface::table);

// Why a file that takes edges is no drop-in for the inference tool of the experiment
// (docs/deployment.md); empty if it is one.
[[nodiscard]] std::vector<std::string> drop_in_obstacles(
    const std::vector<std::string>& feature_names, const graph::GraphConfig& graph);

}  // namespace stationhit::exporter
