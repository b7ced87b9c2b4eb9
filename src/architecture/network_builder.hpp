// Writes the description of a network stage by stage, in the order of its forward pass. Functions
// that add a stage return its name, which later stages take as their input.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <stationhit/architecture/encoded_layout.hpp>
#include <stationhit/architecture/model_config.hpp>
#include <stationhit/architecture/network_description.hpp>

#include "stage_parts.hpp"

namespace stationhit::architecture {

// What a network reads: the stage that gives its features, the row set of all its stages, and the
// graph of these rows.
struct NetworkSource {
  std::string features = features_stage, rows = "nodes", graph = "hits";
  // Further columns that its first linear layer reads beside the encoding: a stage and its width.
  std::string more_inputs = {};
  std::int64_t more_columns = 0;
};

class NetworkBuilder {
 public:
  // Starts with the encoding and the axes of the head. width_parts: parts of the axis "width"
  // (Axis::parts); scale_parts: parts of the axis "scales". An axis whose parts are not given is in
  // one piece.
  NetworkBuilder(const ModelConfig& config, const std::vector<std::string>& feature_names,
                 std::vector<std::int64_t> width_parts = {},
                 std::vector<std::int64_t> scale_parts = {}, NetworkSource source = {});

  [[nodiscard]] const EncodedLayout& layout() const { return layout_; }
  // The scale of every column of the encoded input, -1 for the others.
  [[nodiscard]] Side encoded_columns() const;
  // All hidden features.
  [[nodiscard]] Side width() const { return {"width", unit_range(config_.width)}; }

  void add_axis(const std::string& name, std::vector<std::int64_t> parts);

  // act(linear(encoded input))
  std::string add_input();
  // A block of one linear layer and the activation.
  std::string add_linear_block(const std::string& name, const std::string& input);
  // An EdgeConv from the columns `inputs` to the columns `outputs`, along the graph "hits".
  std::string add_edge_convolution(const std::string& name, const std::string& input,
                                   const Side& inputs, const Side& outputs);
  // The stage added last reads only these columns of its input.
  void read_columns(std::vector<ColumnRange> columns) {
    network_.stages.back().columns = std::move(columns);
  }
  // An EdgeConv of the whole width as a block: with layer norm and residual sum, where configured.
  std::string add_edge_convolution_block(const std::string& name, const std::string& input);
  std::string add_graph_attention(const std::string& name, const std::string& input);
  // `axis` is that of the queries, keys and values, or of the hidden values.
  std::string add_self_attention(const std::string& name, const std::string& axis,
                                 const std::string& input);
  std::string add_feed_forward(const std::string& name, const std::string& axis,
                               const std::string& input);
  // A block with layer norm: maps of the station layers.
  std::string add_station_map(const std::string& name, const std::string& input);
  std::string add_concatenation(const std::string& name, std::vector<std::string> inputs);
  void add_head(const std::string& input);

  // `options`: the settings that the network reads beside those that all networks read.
  [[nodiscard]] NetworkDescription result(std::vector<NetworkOption> options = {}) && {
    network_.options = std::move(options);
    return std::move(network_);
  }

 private:
  Stage& add_stage(const std::string& name, StageKind kind, std::vector<std::string> inputs);
  void look(Stage& stage, Reach reach);
  void add_encoding();
  void add_tensors_of_numbers(Stage& encoding);
  void add_norm(Stage& stage);
  void add_edge_columns(Stage& stage, const Side& outputs);
  void make_block(Stage& stage);

  const ModelConfig& config_;
  NetworkSource source_;
  EncodedLayout layout_;
  NetworkDescription network_;
};

}  // namespace stationhit::architecture
