// Models of one or two matrix products on the features driftR and globZ, and inputs for them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <stationhit/graph/graph_config.hpp>
#include <stationhit/inference/onnx_model.hpp>
#include <stationhit/onnx_file/graph_builder.hpp>
#include <stationhit/onnx_file/model_metadata.hpp>

namespace stationhit::test {

using onnx_file::ElementType;
using onnx_file::GraphBuilder;

inline onnx_file::ModelMetadata product_metadata() {
  onnx_file::ModelMetadata metadata;
  metadata.feature_names = {"driftR", "globZ"};
  metadata.graph_json = graph::to_json(graph::GraphConfig{});
  metadata.thresholds = {{"0.99", 0.5F}};
  metadata.version = "0.1.0";
  return metadata;
}

// Rows of the first product, its bias, and the row of the second one.
struct Weights {
  std::vector<float> first;   // [width, 2]
  std::vector<float> bias;    // [width], or empty
  std::vector<float> second;  // [1, width]

  [[nodiscard]] std::int64_t width() const { return static_cast<std::int64_t>(second.size()); }
};

// output = second . (first . features + bias)
inline std::string two_products(const Weights& weights) {
  GraphBuilder graph("two products");
  const std::string features = graph.input("features", ElementType::float32, {"n_nodes", 2});
  std::vector<std::string> inputs{
      features,
      graph.constant("first", std::span<const float>(weights.first), {weights.width(), 2})};
  if (!weights.bias.empty())
    inputs.push_back(
        graph.constant("first_bias", std::span<const float>(weights.bias), {weights.width()}));
  const std::string hidden = graph.node("Gemm", inputs, {{"transB", std::int64_t{1}}}, "hidden");
  const std::string second =
      graph.constant("second", std::span<const float>(weights.second), {1, weights.width()});
  graph.node("Gemm", {hidden, second}, {{"transB", std::int64_t{1}}}, "output");
  graph.output("output", ElementType::float32, {"n_nodes", 1});
  graph.metadata(onnx_file::to_properties(product_metadata()));
  return graph.serialize();
}

// features: [n_nodes, 2]
inline inference::ModelInputs inputs_of(const std::vector<float>& features) {
  inference::ModelInputs inputs;
  inputs.n_nodes = features.size() / 2;
  inputs.features = features;
  return inputs;
}

}  // namespace stationhit::test
