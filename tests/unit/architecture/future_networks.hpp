// Small descriptions written by hand: what a description must be able to say, also of networks that
// do not exist yet.
#pragma once

#include <string>
#include <vector>

#include <stationhit/architecture/network_description.hpp>

namespace stationhit::architecture {

inline TensorDescription weight(const std::string& name, std::int64_t out, std::int64_t in) {
  return {name + ".weight", {out, in}};
}

inline Stage stage(const std::string& name, StageKind kind, std::vector<std::string> inputs,
                   std::int64_t width, const std::string& rows = "nodes") {
  return {.name = name, .kind = kind, .inputs = std::move(inputs), .width = width, .rows = rows};
}

inline Stage stage_on(const std::string& graph, Reach reach, Stage stage) {
  stage.graph = graph;
  stage.reach = reach;
  return stage;
}

// A narrow network drops most hits; a wide one works on those that are kept, along a graph of
// their own. The answer of the second replaces that of the first where there is one.
inline NetworkDescription network_with_compaction() {
  NetworkDescription network{.name = "two_stage", .feature_names = {"localX", "localY"}};
  network.row_sets.push_back({"survivors", RowSetKind::kept, "nodes", 0.2});
  network.graphs = {{"hits"}, {"survivors", "survivors"}};
  network.stages = {
      stage("first.input", StageKind::linear, {"features"}, 8),
      stage_on("hits", Reach::neighbors,
               stage("first.edgeconv", StageKind::edge_convolution, {"first.input"}, 8)),
      stage("first.head", StageKind::head, {"first.edgeconv"}, 1),
      stage("kept", StageKind::compaction, {"first.edgeconv", "first.head"}, 8, "survivors"),
      stage_on("survivors", Reach::neighbors,
               stage("second.edgeconv", StageKind::edge_convolution, {"kept"}, 32, "survivors")),
      stage("second.head", StageKind::head, {"second.edgeconv"}, 1, "survivors"),
      stage("logits", StageKind::merge, {"first.head", "second.head"}, 1)};
  network.stages[0].tensors = {weight("first.input", 8, 2)};
  network.stages[0].work.flops_per_row = 2 * 2 * 8;
  network.stages[4].tensors = {weight("second.edgeconv.message.0", 32, 16)};
  network.stages[4].work = {2 * 16 * 32, 32, 0};
  return network;
}

// Buckets become tokens that attend over the event; every hit gets what its bucket learned beside
// what it knew.
inline NetworkDescription network_with_tokens() {
  NetworkDescription network{.name = "tokens", .feature_names = {"localX"}};
  network.graphs = {{"hits"}, {"event", "buckets"}};
  network.row_sets.push_back({"buckets", RowSetKind::groups, "hits"});
  network.stages = {
      stage("input", StageKind::linear, {"features"}, 16),
      stage_on("hits", Reach::groups,
               stage("tokens", StageKind::pooling, {"input"}, 16, "buckets")),
      stage_on("event", Reach::groups,
               stage("context", StageKind::self_attention, {"tokens"}, 16, "buckets")),
      stage_on("hits", Reach::groups, stage("spread", StageKind::spreading, {"context"}, 16)),
      stage("joined", StageKind::concatenation, {"input", "spread"}, 32),
      stage("head", StageKind::head, {"joined"}, 1)};
  network.stages[1].aggregation = Aggregation::mean;
  network.stages[2].heads = 4;
  network.stages[2].work.flops_per_pair = 4 * 16;
  return network;
}

// Neighbors inside the bucket and, along a second table, in other stations.
inline NetworkDescription network_with_two_graphs() {
  NetworkDescription network{.name = "stations", .feature_names = {"localX"}};
  network.graphs = {{"hits"}, {"stations"}};
  network.stages = {stage("input", StageKind::linear, {"features"}, 16),
                    stage_on("hits", Reach::neighbors,
                             stage("inside", StageKind::edge_convolution, {"input"}, 16)),
                    stage_on("stations", Reach::neighbors,
                             stage("across", StageKind::edge_convolution, {"inside"}, 16)),
                    stage("head", StageKind::head, {"across"}, 1)};
  network.stages[1].work.flops_per_edge = 3;
  network.stages[2].work.flops_per_edge = 5;
  return network;
}

}  // namespace stationhit::architecture
