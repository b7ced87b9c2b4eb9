// y = relu(x w + b), the smallest useful graph.
#pragma once

#include <array>

#include <stationhit/onnx_file/graph_builder.hpp>
#include <stationhit/onnx_file/model_metadata.hpp>
#include <stationhit/onnx_file/model_tensors.hpp>

namespace stationhit::test {

inline onnx_file::ModelMetadata tiny_metadata() {
  onnx_file::ModelMetadata metadata;
  metadata.feature_names = {"localX", "localY"};
  metadata.graph_json = R"({"k":16})";
  metadata.thresholds = {{"0.985", -1.5F}, {"0.99", -2.25F}, {"0.995", -3.0F}};
  metadata.pos_weight = 171.5;
  metadata.architecture = "mlp";
  metadata.interface_name = "table";
  metadata.version = "0.1.0";
  metadata.config_hash = "0123456789abcdef";
  return metadata;
}

inline onnx_file::GraphBuilder tiny_model() {
  using onnx_file::ElementType;
  onnx_file::GraphBuilder graph("tiny");
  const std::array<float, 2> weight{0.5F, -2.0F};
  const std::array<float, 1> bias{0.25F};
  const std::string x =
      graph.input(onnx_file::features_input, ElementType::float32, {"n_nodes", 2});
  const std::string w = graph.constant("w", std::span<const float>(weight), {2, 1});
  const std::string b = graph.constant("b", std::span<const float>(bias), {1});
  const std::string linear =
      graph.node("Gemm", {x, w, b}, {{"alpha", 1.0F}, {"transB", std::int64_t{0}}});
  graph.node("Relu", {linear}, {}, onnx_file::logits_output);
  graph.output(onnx_file::logits_output, ElementType::float32, {"n_nodes", 1});
  graph.metadata(onnx_file::to_properties(tiny_metadata()));
  return graph;
}

}  // namespace stationhit::test
