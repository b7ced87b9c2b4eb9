// Network -> ONNX file. Raw physical features go in, normalization and encoding are inside; output
// float32 [N, 1], raw logits. Standard operators, N = 0 included.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <stationhit/graph/graph_config.hpp>
#include <stationhit/onnx_file/graph_builder.hpp>

namespace stationhit::models {
class Network;
}

namespace stationhit::exporter {

// The inputs of a file in addition to features float32 [N, F].
//   table: neighbours int32 [N, k], padded with -1, for networks that see a table of neighbors;
//   slots int32 [B, M] and slot_of_node int32 [N] for
//          networks that see whole groups (fully connected graphs, self-attention): slots[b, m] is
//          the m-th node of group b, padded with -1, and slot_of_node the place b M + m of every
//          node; M >= 1. A network without edges takes nothing.
//   edges: edge_index int64 [2, E], row 0 source, row 1 destination, in any order: message passing
//   goes to the destination. kNN, radius: at most
//          k edges to a node (more are an error of ONNX Runtime). Fully connected: the nodes of a
//          group stand side by side, edges between different nodes in one or both directions; the
//          network adds itself.
enum class Interface { table, edges };

// The description of the network that the file carries in addition to its weights.
struct Provenance {
  graph::GraphConfig graph;  // the graph it was trained on
  std::map<std::string, float>
      thresholds;           // working point ("0.99") -> logit cut, from the validation set
  double pos_weight = 1.0;  // weight of signal in the training loss
  std::string config_hash;  // of the resolved configuration of the run
};

// Write it with GraphBuilder::write. Throws ConfigError where the edges do not tell what the
// network needs, saying which interface does.
[[nodiscard]] onnx_file::GraphBuilder export_network(const models::Network& network,
                                                     const Provenance& provenance,
                                                     Interface interface = Interface::table);

// Why a file of the interface edges is no drop-in for the inference tool of the experiment
// (docs/deployment.md); empty if it is one.
[[nodiscard]] std::vector<std::string> drop_in_obstacles(
    const std::vector<std::string>& feature_names, const graph::GraphConfig& graph);

// Architectures that export_network knows.
[[nodiscard]] std::vector<std::string> exportable_architectures();

}  // namespace stationhit::exporter
