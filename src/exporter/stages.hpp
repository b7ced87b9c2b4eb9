// The stages that the exported networks share, as in models/network.hpp.
#pragma once

#include <string>

#include <stationhit/onnx_file/graph_builder.hpp>

#include "weights.hpp"

namespace stationhit::exporter {

// Writes stages into a graph. Arguments and results named `hidden` and the like are names of values in the graph.
class Stages {
 public:
  // k: columns of the neighbour table.
  Stages(onnx_file::GraphBuilder& graph, const Weights& weights, std::int32_t k) : graph_(graph), weights_(weights), k_(k) {}

  [[nodiscard]] onnx_file::GraphBuilder& graph() { return graph_; }
  [[nodiscard]] const Weights& weights() const { return weights_; }
  [[nodiscard]] const models::ModelConfig& config() const { return weights_.config; }
  [[nodiscard]] std::int32_t k() const { return k_; }

  // The tensor as a constant under its own name.
  std::string constant(const std::string& name);

  // The input of the graph after normalisation and encoding: [N, F] -> [N, E]
  std::string encoded_input();
  // act(input(encoded_input())): -> [N, W]
  std::string embed();
  // x weight^T + bias with the tensors <name>.weight and <name>.bias; x has two dimensions.
  std::string linear(const std::string& x, const std::string& name, const std::string& output_name = "");
  std::string activate(const std::string& x);
  // The input of block `name` after its layer norm, if it has one.
  std::string norm(const std::string& hidden, const std::string& name);
  // h + change, or change alone without residual connections.
  std::string residual(const std::string& hidden, const std::string& change);
  // Hidden -> output [N, 1].
  void classify(std::string hidden);

 private:
  std::string normalise(const std::string& features);
  std::string encode(const std::string& normalised, std::int64_t n_features);
  std::string sines_and_cosines(const std::string& normalised, std::int64_t n_features);
  std::string code_vectors(const std::string& features, std::int64_t column);
  std::string code_table(const std::string& name, std::int64_t rows);

  onnx_file::GraphBuilder& graph_;
  const Weights& weights_;
  std::int32_t k_;
};

// One function per architecture: what lies between embed() and classify().
std::string mlp_blocks(Stages& stages, std::string hidden);
std::string edgeconv_blocks(Stages& stages, std::string hidden);

}  // namespace stationhit::exporter
