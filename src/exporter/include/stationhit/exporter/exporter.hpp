// Network -> ONNX file of the interface "table": features float32 [N, F]; neighbours int32 [N, k], padded with -1, for networks that see a table of
// neighbours; slots int32 [B, M] and slot_of_node int32 [N] for networks that see whole groups (fully connected graphs, self-attention):
// slots[b, m] is the m-th node of group b, padded with -1, and slot_of_node the place b M + m of every node; M >= 1. Output float32 [N, 1], raw
// logits. Raw physical features go in: normalisation and encoding are inside. Standard operators, N = 0 included.
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

// What the file says about the network beside its weights.
struct Provenance {
  graph::GraphConfig graph;                 // the graph it was trained on
  std::map<std::string, float> thresholds;  // working point ("0.99") -> logit cut, from the validation set
  double pos_weight = 1.0;                  // weight of signal in the training loss
  std::string config_hash;                  // of the resolved configuration of the run
};

// Write it with GraphBuilder::write.
[[nodiscard]] onnx_file::GraphBuilder export_network(const models::Network& network, const Provenance& provenance);

// Architectures that export_network knows.
[[nodiscard]] std::vector<std::string> exportable_architectures();

}  // namespace stationhit::exporter
