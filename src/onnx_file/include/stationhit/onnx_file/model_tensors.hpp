// The deployment contract: the tensors that a model takes and gives. The exporter writes them, and
// inference checks every file against them.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <stationhit/onnx_file/graph_builder.hpp>

namespace stationhit::onnx_file {

// What a model takes in addition to `features` float32 [N, F].
//   nodes: nothing; a network without edges.
//   table: neighbours int32 [N, k], padded with -1, for networks that see a table of neighbors;
//          slots int32 [B, M] and slot_of_node int32 [N] for networks that see whole groups (fully
//          connected graphs, self-attention): slots[b, m] is the m-th node of group b, padded with
//          -1, and slot_of_node the place b M + m of every node; M >= 1. Or both. Networks that
//          look beyond groups take event_of_node int32 [N] too, which keeps the events of a call
//          apart: 0 for the nodes of the first, ascending.
//   edges: edge_index int64 [2, E], row 0 source, row 1 destination, in any order: message passing
//          goes to the destination. kNN, radius: at most k edges to a node (more are an error of
//          ONNX Runtime). Fully connected: the nodes of a group stand side by side, edges between
//          different nodes in one or both directions; the network adds itself.
enum class Interface { nodes, table, edges };
constexpr auto names_of(Interface) {
  return std::to_array<std::string_view>({"nodes", "table", "edges"});
}

inline constexpr const char* features_input = "features";
inline constexpr const char* neighbors_input = "neighbours";
inline constexpr const char* slots_input = "slots";
inline constexpr const char* slot_of_node_input = "slot_of_node";
inline constexpr const char* event_of_node_input = "event_of_node";
inline constexpr const char* edges_input = "edge_index";
inline constexpr const char* logits_output = "output";

struct ModelTensor {
  std::string name;
  ElementType type = ElementType::float32;
  std::vector<Dimension> shape;
};

// The dimensions that differ between models may be given; the others are known at run time only.
[[nodiscard]] inline ModelTensor features_tensor(const Dimension& n_features = "n_features") {
  return {features_input, ElementType::float32, {"n_nodes", n_features}};
}
[[nodiscard]] inline ModelTensor neighbors_tensor(const Dimension& k = "k") {
  return {neighbors_input, ElementType::int32, {"n_nodes", k}};
}
[[nodiscard]] inline ModelTensor slots_tensor() {
  return {slots_input, ElementType::int32, {"n_groups", "longest"}};
}
[[nodiscard]] inline ModelTensor slot_of_node_tensor() {
  return {slot_of_node_input, ElementType::int32, {"n_nodes"}};
}
[[nodiscard]] inline ModelTensor event_of_node_tensor() {
  return {event_of_node_input, ElementType::int32, {"n_nodes"}};
}
[[nodiscard]] inline ModelTensor edges_tensor() {
  return {edges_input, ElementType::int64, {2, "n_edges"}};
}
[[nodiscard]] inline ModelTensor logits_tensor() {
  return {logits_output, ElementType::float32, {"n_nodes", 1}};
}

}  // namespace stationhit::onnx_file
