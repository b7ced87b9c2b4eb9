// Writes a network, stage by stage in the order of its description, into the graph of a file.
// Arguments and results named `rows`, `x` and the like are names of values in the graph.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <stationhit/architecture/network_description.hpp>
#include <stationhit/onnx_file/graph_builder.hpp>

#include "graph_inputs.hpp"
#include "weights.hpp"

namespace stationhit::exporter {

using architecture::Activation;
using architecture::Stage;

// The rows of a row set of kind `kept` among the nodes.
struct KeptRows {
  std::string mask;   // [N] bool
  std::string rows;   // [M] int64, the nodes that are kept
  std::string place;  // [N] int32, the row of a node among them, -1: dropped
  std::string threshold;
};

// models/station_map.hpp, as values of the file.
struct MapPlaces {
  std::string events;                  // [1] int64, their number
  std::string first_cell, layer;       // [M] int64
  std::array<std::string, 4> cells;    // [M] int64
  std::array<std::string, 4> weights;  // [M, 1]
  std::string inside, share;           // [M, 2], [M, 1]
};

class NetworkWriter {
 public:
  NetworkWriter(onnx_file::GraphBuilder& graph, const Weights& weights,
                const graph::GraphConfig& config, onnx_file::Interface interface)
      : graph_(graph), weights_(weights), of_nodes_(graph, config, interface) {}

  // From the features to the logits, [N, 1].
  void write(const architecture::NetworkDescription& network);

  // For the functions that write one stage.
  [[nodiscard]] onnx_file::GraphBuilder& graph() { return graph_; }
  // The graph of the stage that is written.
  [[nodiscard]] GraphInputs& inputs() { return *inputs_; }
  // The input [N] int32 that says to which event of the call a node belongs.
  const std::string& event_of_node();
  // The graph of the nodes with all its columns.
  [[nodiscard]] GraphInputs& graph_of_nodes() { return of_nodes_; }
  // The rows that a compaction has kept; empty before.
  [[nodiscard]] KeptRows& kept_rows(const std::string& row_set) { return kept_[row_set]; }
  // The graphs of the description between these rows, and the table in which stages that look along
  // one of them find their neighbors.
  [[nodiscard]] std::vector<std::string> graphs_on(const std::string& row_set) const;
  void add_table(const std::string& graph, const std::string& table);
  [[nodiscard]] const Weights& weights() const { return weights_; }
  // The tensor as a constant under its own name; there is one of it.
  std::string constant(const std::string& name);
  // x weight^T + bias with the tensors <name>.weight and <name>.bias; x has two dimensions.
  std::string linear(const std::string& x, const std::string& name,
                     const std::string& output_name = "");
  // What the output of the stage must be called: the last one gives the logits of the file.
  [[nodiscard]] std::string output_name(const Stage& stage) const;
  std::string activate(const std::string& x, Activation activation);
  // Normalized features x within the limit of their encoding.
  std::string limited(const std::string& x, const architecture::EncodingConfig& encoding);
  // Where the rows of the stage are in the maps of the station layers; written once.
  const MapPlaces& map_places(const Stage& stage);
  // How these numbers of the encoding differ along the edges of the stage (models/edge_values.hpp):
  // [N, k, E]. The same for all stages on one graph.
  const std::string& edge_values(const Stage& stage);
  // The value that a stage gave, by its name.
  [[nodiscard]] const std::string& value_of(const std::string& stage) const {
    return values_.at(stage);
  }
  [[nodiscard]] const Stage& stage(const std::string& name) const;

 private:
  std::string write(const Stage& stage);
  [[nodiscard]] const architecture::GraphDescription& description_of(
      const std::string& graph) const;
  GraphInputs& graph_named(const std::string& name);
  std::string selected_columns(const std::string& x, const Stage& stage);
  std::string norm(const std::string& x, const Stage& stage);
  std::string gelu(const std::string& x);

  onnx_file::GraphBuilder& graph_;
  const Weights& weights_;
  GraphInputs of_nodes_;
  GraphInputs* inputs_ = &of_nodes_;
  const architecture::NetworkDescription* network_ = nullptr;
  std::set<std::string> constants_;
  std::map<std::string, KeptRows> kept_;            // by the names of the row sets
  std::map<std::string, GraphInputs> graphs_;       // by the names of the description
  std::map<std::string, std::string> edge_values_;  // by the names of the graphs
  std::optional<MapPlaces> places_;
  std::string event_of_node_;
  std::map<std::string, std::string> values_;  // outputs by the names of their stages
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
std::string write_head(NetworkWriter& writer, const Stage& stage, const StageInputs& inputs);
// The rows that are kept, and with them the tables of the graphs between them.
std::string write_compaction(NetworkWriter& writer, const Stage& stage, const StageInputs& inputs);
std::string write_station_map(NetworkWriter& writer, const Stage& stage, const StageInputs& inputs);
std::string write_merge(NetworkWriter& writer, const Stage& stage, const StageInputs& inputs);

}  // namespace stationhit::exporter
