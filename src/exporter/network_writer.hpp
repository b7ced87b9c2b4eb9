// Writes a network, stage by stage in the order of its description, into the graph of a file.
// Arguments and results named `rows`, `x` and the like are names of values in the graph.
#pragma once

#include <string>
#include <vector>

#include <stationhit/architecture/network_description.hpp>
#include <stationhit/onnx_file/graph_builder.hpp>

#include "graph_inputs.hpp"
#include "weights.hpp"

namespace stationhit::exporter {

using architecture::Activation;
using architecture::Stage;

class NetworkWriter {
 public:
  NetworkWriter(onnx_file::GraphBuilder& graph, const Weights& weights,
                const graph::GraphConfig& config, Interface interface)
      : graph_(graph), weights_(weights), inputs_(graph, config, interface, weights.config.neighbors) {}

  // From the features to the logits, [N, 1].
  void write(const architecture::NetworkDescription& network);

  // For the functions that write one stage.
  [[nodiscard]] onnx_file::GraphBuilder& graph() { return graph_; }
  [[nodiscard]] GraphInputs& inputs() { return inputs_; }
  [[nodiscard]] const Weights& weights() const { return weights_; }
  // The tensor as a constant under its own name.
  std::string constant(const std::string& name);
  // x weight^T + bias with the tensors <name>.weight and <name>.bias; x has two dimensions.
  std::string linear(const std::string& x, const std::string& name,
                     const std::string& output_name = "");
  std::string activate(const std::string& x, Activation activation);
  // How these numbers of the encoding differ along the edges (models/edge_values.hpp): [N, k, E].
  // The same for all stages.
  const std::string& edge_values(const std::vector<std::int64_t>& columns);

 private:
  using Values = std::map<std::string, std::string>;  // outputs by the names of their stages
  std::string write(const Stage& stage, const Values& values);
  std::string selected_columns(const std::string& x, const Stage& stage);
  std::string norm(const std::string& x, const Stage& stage);
  std::string gelu(const std::string& x);

  onnx_file::GraphBuilder& graph_;
  const Weights& weights_;
  GraphInputs inputs_;
  std::string edge_values_;
};

// One function per kind of stage: from its inputs, after the layer norm, to its output, before the
// residual sum.
using StageInputs = std::vector<std::string>;
std::string write_encoding(NetworkWriter& writer, const Stage& stage, const StageInputs& inputs);
std::string write_linear(NetworkWriter& writer, const Stage& stage, const StageInputs& inputs);
std::string write_edge_convolution(NetworkWriter& writer, const Stage& stage,
                                   const StageInputs& inputs);
std::string write_graph_attention(NetworkWriter& writer, const Stage& stage,
                                  const StageInputs& inputs);
std::string write_self_attention(NetworkWriter& writer, const Stage& stage,
                                 const StageInputs& inputs);
std::string write_feed_forward(NetworkWriter& writer, const Stage& stage,
                               const StageInputs& inputs);
std::string write_concatenation(NetworkWriter& writer, const Stage& stage,
                                const StageInputs& inputs);
// The logits: the output of the graph.
std::string write_head(NetworkWriter& writer, const Stage& stage, const StageInputs& inputs);

}  // namespace stationhit::exporter
