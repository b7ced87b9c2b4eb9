// The stages between the encoded input and the head. The work is that of the factorized forms in
// which the networks run: models/edgeconv.cpp and models/gat.cpp say why they are equivalent.
#include <algorithm>
#include <string>
#include <utility>

#include "network_builder.hpp"

namespace stationhit::architecture {
namespace {

std::string text(core::NamedEnum auto choice) { return std::string(core::name(choice)); }

}  // namespace

std::string NetworkBuilder::add_linear_block(const std::string& name, const std::string& input) {
  Stage& stage = add_stage(name, StageKind::linear, {input});
  stage.text =
      "linear " + arrow_text(config_.width, config_.width) + ", " + text(config_.activation);
  stage.activation = config_.activation;
  make_block(stage);
  add_linear(stage, name + ".linear", width(), width());
  return name;
}

std::string NetworkBuilder::add_edge_convolution(const std::string& name, const std::string& input,
                                                 const Side& inputs, const Side& outputs) {
  const bool is_max = config_.aggregation == Aggregation::max, two = config_.message_layers == 2;
  Stage& stage = add_stage(name, StageKind::edge_convolution, {input});
  look(stage, Reach::neighbors);
  stage.width = outputs.size();
  stage.text = "EdgeConv " + arrow_text(inputs.size(), outputs.size()) + ", " +
               (two ? "two linear layers, " : "") + text(config_.aggregation) +
               " over the neighbors";
  add_edge_columns(stage, outputs);
  stage.activation = config_.activation;
  stage.aggregation = config_.aggregation;
  add_linear(stage, name + ".message.0", repeated(inputs, 2), outputs);
  if (!two) return name;
  // Only the maximum does not commute with the second linear layer.
  add_linear(stage, name + ".message.1", outputs, outputs,
             is_max ? &Work::flops_per_edge : &Work::flops_per_row);
  return name;
}

// A linear layer without bias, once per edge.
void NetworkBuilder::add_edge_columns(Stage& stage, const Side& outputs) {
  stage.edge_columns = edge_columns(config_, network_.feature_names);
  if (stage.edge_columns.empty()) return;
  stage.edge_encoding = "encoding";
  const auto in = static_cast<std::int64_t>(stage.edge_columns.size()), out = outputs.size();
  stage.text += ", with differences of " + std::to_string(in) + " features";
  stage.tensors.push_back(
      {stage.name + ".edges.weight", {out, in}, TensorKind::parameter, axis_uses(outputs)});
  stage.work.flops_per_edge += static_cast<std::uint64_t>(2 * in * out);
}

std::string NetworkBuilder::add_edge_convolution_block(const std::string& name,
                                                       const std::string& input) {
  add_edge_convolution(name, input, width(), width());
  make_block(network_.stages.back());
  return name;
}

// The scores of a head are vectors times the weight: they are multiplied into it.
std::string NetworkBuilder::add_graph_attention(const std::string& name, const std::string& input) {
  const std::int64_t size = config_.width, heads = config_.heads;
  Stage& stage = add_stage(name, StageKind::graph_attention, {input});
  look(stage, Reach::neighbors);
  stage.text = "graph attention, " + std::to_string(heads) + " heads over the neighbors, " +
               text(config_.activation);
  stage.activation = config_.activation;
  stage.heads = heads;
  make_block(stage);
  stage.tensors.push_back(
      {name + ".weight", {size, size}, TensorKind::parameter, axis_uses(width(), width())});
  for (const char* end : {".target", ".source"}) {
    stage.tensors.push_back(
        {name + end, {heads, size / heads}, TensorKind::parameter, axis_uses(width()), true});
  }
  stage.tensors.push_back({name + ".bias", {size}, TensorKind::parameter, axis_uses(width())});
  stage.work.flops_per_row = static_cast<std::uint64_t>(2 * size * (size + 2 * heads));
  stage.work.flops_per_edge = static_cast<std::uint64_t>(2 * size);
  return name;
}

std::string NetworkBuilder::add_self_attention(const std::string& name, const std::string& axis,
                                               const std::string& input) {
  Stage& stage = add_stage(name, StageKind::self_attention, {input});
  look(stage, Reach::groups);
  stage.text = "self-attention, " + std::to_string(config_.heads) + " heads over the bucket";
  stage.heads = config_.heads;
  stage.is_residual = config_.residual;
  const Side inner{axis, unit_range(config_.width)};
  add_norm(stage);
  const auto first = stage.tensors.size();
  add_linear(stage, name + ".in", width(), repeated(inner, 3));
  for (auto i = first; i < stage.tensors.size(); ++i) stage.tensors[i].has_queries = true;
  add_linear(stage, name + ".out", inner, width());
  stage.work.flops_per_pair = 4 * static_cast<std::uint64_t>(config_.width);
  return name;
}

std::string NetworkBuilder::add_feed_forward(const std::string& name, const std::string& axis,
                                             const std::string& input) {
  const std::int64_t hidden = config_.feed_forward;
  Stage& stage = add_stage(name, StageKind::feed_forward, {input});
  stage.text = "linear " + arrow_text(config_.width, hidden) + ", " + text(config_.activation) +
               ", linear " + arrow_text(hidden, config_.width);
  stage.activation = config_.activation;
  stage.is_residual = config_.residual;
  const Side inner{axis, unit_range(hidden)};
  add_norm(stage);
  add_linear(stage, name + ".in", width(), inner);
  add_linear(stage, name + ".out", inner, width());
  return name;
}

// models/station_map.hpp has the formulas.
std::string NetworkBuilder::add_station_map(const std::string& name, const std::string& input) {
  const MapConfig& config = config_.map;
  Stage& stage = add_stage(name, StageKind::station_map, {input, source_.features});
  StationMap map{config.phi_cells, config.theta_cells, config.channels,
                 feature_columns(network_.feature_names, map_features)};
  const Side place = side_without_axis(2), written = side_without_axis(map.channels),
             read = side_without_axis(map.read_channels());
  stage.reach = Reach::event;
  stage.activation = config_.activation;
  stage.text = "maps of the station layers, " + std::to_string(map.phi_cells) + " x " +
               std::to_string(map.theta_cells) + " cells in phi and theta, " +
               std::to_string(map.channels) + " channels, " + std::to_string(config.convolutions) +
               " convolutions";
  stage.is_residual = config_.residual;
  add_norm(stage);
  add_linear(stage, name + ".in", joined(width(), place), written);
  std::int64_t channels = n_station_layers * map.channels;
  for (std::int32_t i = 0; i < config.convolutions; ++i) {
    map.convolutions.push_back(name + ".convolutions." + std::to_string(i));
    add_convolution(stage, map.convolutions.back(), channels, map.read_channels(), map.cells());
    channels = map.read_channels();
  }
  add_linear(stage, name + ".out.0", joined(width(), joined(read, place)), width());
  add_linear(stage, name + ".out.1", width(), width());
  stage.map = std::move(map);
  return name;
}

std::string NetworkBuilder::add_concatenation(const std::string& name,
                                              std::vector<std::string> inputs) {
  std::int64_t width = 0;
  for (const Stage& stage : network_.stages)
    width += stage.width * std::ranges::count(inputs, stage.name);
  Stage& stage = add_stage(name, StageKind::concatenation, std::move(inputs));
  stage.width = width;
  stage.text = "outputs beside each other, " + std::to_string(width);
  return name;
}

}  // namespace stationhit::architecture
