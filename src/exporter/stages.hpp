// The stages that the exported networks share, as in models/network.hpp.
#pragma once

#include <functional>
#include <string>

#include <stationhit/onnx_file/graph_builder.hpp>

#include "graph_inputs.hpp"
#include "weights.hpp"

namespace stationhit::exporter {

using architecture::Activation;
using architecture::Aggregation;
using architecture::DiscreteEncoding;
using architecture::EncodingType;

// Writes stages into a graph. Arguments and results named `hidden` and the like are names of values
// in the graph.
class Stages {
 public:
  Stages(onnx_file::GraphBuilder& graph, const Weights& weights, const graph::GraphConfig& config,
         Interface interface)
      : graph_(graph), weights_(weights), inputs_(graph, config, interface) {}

  [[nodiscard]] onnx_file::GraphBuilder& graph() { return graph_; }
  [[nodiscard]] const Weights& weights() const { return weights_; }
  [[nodiscard]] const architecture::ModelConfig& config() const { return weights_.config; }
  [[nodiscard]] GraphInputs& inputs() { return inputs_; }

  // The tensor as a constant under its own name.
  std::string constant(const std::string& name);

  // The input of the graph after normalization and encoding: [N, F] -> [N, E]
  std::string encoded_input();
  // act(input(encoded_input())): -> [N, W]
  std::string embed();
  // x weight^T + bias with the tensors <name>.weight and <name>.bias; x has two dimensions.
  std::string linear(const std::string& x, const std::string& name,
                     const std::string& output_name = "");
  std::string activate(const std::string& x);
  // [h +] transform(norm(h)), with the layer norm `name`.norm if there is one.
  std::string block(const std::string& hidden, const std::string& name,
                    const std::function<std::string(const std::string& normed)>& transform);
  // config().blocks times hidden = layer(hidden, "blocks.<l>").
  std::string blocks(
      std::string hidden,
      const std::function<std::string(const std::string& hidden, const std::string& name)>& layer);
  // Hidden -> output [N, 1].
  void classify(std::string hidden);

 private:
  std::string normalize(const std::string& features);
  std::string encode(const std::string& normalized, std::int64_t n_features);
  std::string sines_and_cosines(const std::string& normalized, std::int64_t n_features);
  std::string code_vectors(const std::string& features, std::int64_t column);
  std::string code_table(const std::string& name, std::int64_t rows);
  std::string gelu(const std::string& x);
  std::string norm(const std::string& hidden, const std::string& name);

  onnx_file::GraphBuilder& graph_;
  const Weights& weights_;
  GraphInputs inputs_;
};

// One function per architecture: all that comes before classify().
std::string mlp_network(Stages& stages);
std::string edgeconv_network(Stages& stages);
std::string gat_network(Stages& stages);
std::string attention_network(Stages& stages);

}  // namespace stationhit::exporter
