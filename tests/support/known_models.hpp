// Models whose logits a test can work out by hand; features localX and localY.
//   nodes: logit = x + 2 y
//   table: logit = x + max over the neighbors of y (0 without neighbors)
//   edges: logit = x + sum over the incoming edges of y of the source
//   log:   logit = log(x): NaN for x < 0
#pragma once

#include <array>
#include <filesystem>

#include <gtest/gtest.h>
#include <support/scratch_folder.hpp>

#include <stationhit/graph/graph_config.hpp>
#include <stationhit/onnx_file/graph_builder.hpp>
#include <stationhit/onnx_file/model_metadata.hpp>

namespace stationhit::test {

using onnx_file::ElementType;
using onnx_file::GraphBuilder;

inline onnx_file::ModelMetadata known_metadata() {
  graph::GraphConfig graph;
  graph.k = 4;
  onnx_file::ModelMetadata metadata;
  metadata.feature_names = {"localX", "localY"};
  metadata.graph_json = graph::to_json(graph);
  metadata.thresholds = {{"0.985", 10.0F}, {"0.99", -5.0F}};
  metadata.architecture = "known";
  metadata.interface_name = "table";
  metadata.version = "0.1.0";
  return metadata;
}

struct Columns {
  std::string x, y;  // [N, 1]
};

inline Columns split_features(GraphBuilder& graph) {
  const std::string features = graph.input("features", ElementType::float32, {"n_nodes", 2});
  return {graph.node("Gather", {features, graph.indices({0})}, {{"axis", std::int64_t{1}}}),
          graph.node("Gather", {features, graph.indices({1})}, {{"axis", std::int64_t{1}}})};
}

inline void finish(GraphBuilder& graph) {
  graph.output("output", ElementType::float32, {"n_nodes", 1});
}

inline GraphBuilder nodes_model() {
  GraphBuilder graph("nodes");
  const Columns columns = split_features(graph);
  graph.node("Add", {columns.x, graph.node("Mul", {columns.y, graph.scalar(2.0F)})}, {}, "output");
  finish(graph);
  return graph;
}

inline GraphBuilder log_model() {
  GraphBuilder graph("log");
  graph.node("Log", {split_features(graph).x}, {}, "output");
  finish(graph);
  return graph;
}

inline GraphBuilder table_model() {
  GraphBuilder graph("table");
  const Columns columns = split_features(graph);
  const std::string table = graph.input("neighbours", ElementType::int32, {"n_nodes", 4});
  const std::array<float, 1> lowest{-1e30F};
  const std::string sentinel = graph.constant("sentinel", std::span<const float>(lowest), {1, 1});
  const std::string padded =
      graph.node("Concat", {columns.y, sentinel}, {{"axis", std::int64_t{0}}});
  const std::string gathered = graph.node("Gather", {padded, table}, {{"axis", std::int64_t{0}}});
  const std::string best =
      graph.node("ReduceMax", {gathered, graph.indices({1})}, {{"keepdims", std::int64_t{0}}});
  const std::string isolated = graph.node("Less", {best, graph.scalar(-1e29F)});
  graph.node("Add", {columns.x, graph.node("Where", {isolated, graph.scalar(0.0F), best})}, {},
             "output");
  finish(graph);
  return graph;
}

inline GraphBuilder edges_model() {
  GraphBuilder graph("edges");
  const Columns columns = split_features(graph);
  const std::string edges = graph.input("edge_index", ElementType::int64, {2, "n_edges"});
  const std::string source =
      graph.node("Gather", {edges, graph.indices({0})}, {{"axis", std::int64_t{0}}});
  const std::string target =
      graph.node("Gather", {edges, graph.indices({1})}, {{"axis", std::int64_t{0}}});
  const std::string flat = graph.node("Reshape", {columns.y, graph.indices({-1})});
  const std::string sent =
      graph.node("Gather", {flat, graph.node("Reshape", {source, graph.indices({-1})})});
  const std::string zeros = graph.node("Mul", {flat, graph.scalar(0.0F)});
  const std::string sums = graph.node(
      "ScatterElements", {zeros, graph.node("Reshape", {target, graph.indices({-1})}), sent},
      {{"reduction", std::string("add")}});
  graph.node("Add", {columns.x, graph.node("Reshape", {sums, graph.indices({-1, 1})})}, {},
             "output");
  finish(graph);
  return graph;
}

// A fresh name in a folder of this process.
inline std::filesystem::path fresh_path() {
  static int count = 0;
  static const test::ScratchFolder folder;
  return folder / ("model_" + std::to_string(count++) + ".onnx");
}

inline std::filesystem::path write_model(
    GraphBuilder graph, const onnx_file::ModelMetadata& metadata = known_metadata()) {
  const std::filesystem::path path = fresh_path();
  graph.metadata(onnx_file::to_properties(metadata));
  graph.write(path);
  return path;
}

// As a version without checksums wrote it.
inline std::filesystem::path write_model_without_checksum(GraphBuilder graph) {
  auto properties = onnx_file::to_properties(known_metadata());
  std::erase_if(properties, [](const auto& p) { return p.first == onnx_file::checksum_key; });
  properties.front().second = std::to_string(properties.size());
  const std::filesystem::path path = fresh_path();
  graph.metadata(properties);
  graph.write(path);
  return path;
}

}  // namespace stationhit::test
