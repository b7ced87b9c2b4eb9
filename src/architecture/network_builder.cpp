// Every stage states its tensors once: add_linear writes weight and bias with the units of their
// rows and columns and counts the work; a stage without a linear layer lists its tensors itself.
// This file has the two ends of a network, network_builder_blocks.cpp all between.
#include "network_builder.hpp"

#include <utility>

#include <stationhit/features/features.hpp>

namespace stationhit::architecture {

NetworkBuilder::NetworkBuilder(const ModelConfig& config,
                               const std::vector<std::string>& feature_names,
                               std::vector<std::int64_t> width_parts,
                               std::vector<std::int64_t> scale_parts, NetworkSource source)
    : config_(config),
      source_(std::move(source)),
      layout_(encoded_layout(config.encoding, feature_names)) {
  network_.name = config.architecture;
  network_.feature_names = feature_names;
  if (width_parts.empty()) width_parts = {config.width};
  if (scale_parts.empty()) scale_parts = {std::ssize(config.encoding.scales)};
  add_axis("width", std::move(width_parts));
  if (config.encoding.type != EncodingType::none) add_axis("scales", std::move(scale_parts));
  for (std::size_t i = 0; i < config.head.size(); ++i)
    add_axis("head." + std::to_string(i), {config.head[i]});
  add_encoding();
}

void NetworkBuilder::add_axis(const std::string& name, std::vector<std::int64_t> parts) {
  network_.axes.push_back({name, std::move(parts)});
}

Stage& NetworkBuilder::add_stage(const std::string& name, StageKind kind,
                                 std::vector<std::string> inputs) {
  return network_.stages.emplace_back(Stage{.name = name,
                                            .kind = kind,
                                            .inputs = std::move(inputs),
                                            .width = config_.width,
                                            .rows = source_.rows});
}

void NetworkBuilder::look(Stage& stage, Reach reach) {
  stage.reach = reach;
  stage.graph = source_.graph;
  if (network_.graphs.empty())
    network_.graphs.push_back({source_.graph, source_.rows, config_.neighbors});
}

Side NetworkBuilder::encoded_columns() const {
  if (config_.encoding.type == EncodingType::none) return side_without_axis(layout_.width());
  const auto scales = static_cast<std::int64_t>(config_.encoding.scales.size());
  const auto numbers = static_cast<std::int64_t>(layout_.numbers.size());
  Side columns{"scales", {}};
  if (config_.encoding.type == EncodingType::hybrid)
    columns.units.assign(layout_.numbers.size(), -1);
  const std::int64_t waves = layout_.continuous - columns.size();
  for (std::int64_t i = 0; i < waves; ++i) columns.units.push_back(i / (2 * numbers) % scales);
  columns.units.insert(columns.units.end(), static_cast<std::size_t>(layout_.discrete), -1);
  return columns;
}

void NetworkBuilder::add_encoding() {
  const auto numbers = static_cast<std::int64_t>(layout_.numbers.size());
  Stage& stage = add_stage("encoding", StageKind::encoding, {source_.features});
  stage.width = layout_.width();
  stage.encoding = config_.encoding;
  stage.text =
      std::string(core::name(config_.encoding.type)) + ", " +
      arrow_text(static_cast<std::int64_t>(network_.feature_names.size()), layout_.width());
  for (const char* name : {"normalization.mean", "normalization.inv_std"})
    stage.tensors.push_back({name, {numbers}, TensorKind::normalization});
  add_tensors_of_numbers(stage);
  if (config_.encoding.discrete != DiscreteEncoding::embedding) return;
  for (const auto column : layout_.codes) {
    const std::string& feature = network_.feature_names[static_cast<std::size_t>(column)];
    const auto codes = static_cast<std::int64_t>(features::codes_of(feature).count);
    stage.tensors.push_back({"encoding." + feature, {codes + 1, config_.encoding.embedding_width}});
  }
}

void NetworkBuilder::add_tensors_of_numbers(Stage& stage) {
  const auto numbers = static_cast<std::int64_t>(layout_.numbers.size());
  const auto scales = static_cast<std::int64_t>(config_.encoding.scales.size());
  const AxisUse by_scale{"scales", 0, unit_range(scales), AxisRole::reads};
  const auto add = [&](const char* name, std::vector<std::int64_t> shape, TensorKind kind,
                       const AxisUse& use) {
    stage.tensors.push_back({name, std::move(shape), kind, {use}});
  };
  switch (config_.encoding.type) {
    case EncodingType::fourier:
      return add("encoding.frequencies", {scales}, TensorKind::buffer, by_scale);
    case EncodingType::learned:
    case EncodingType::hybrid:
      return add("encoding.frequencies", {scales, numbers}, TensorKind::parameter, by_scale);
    case EncodingType::linear: {
      Side columns = encoded_columns();
      columns.units.resize(static_cast<std::size_t>(layout_.continuous));
      const AxisUse rows{columns.axis, 0, columns.units, AxisRole::reads};
      stage.linear_layers.push_back("encoding");
      add("encoding.weight", {layout_.continuous, numbers}, TensorKind::parameter, rows);
      return add("encoding.bias", {layout_.continuous}, TensorKind::parameter, rows);
    }
    case EncodingType::none:
      break;
  }
}

void NetworkBuilder::add_norm(Stage& stage) {
  stage.has_norm = true;
  const AxisUse use{"width", 0, width().units, AxisRole::reads};
  for (const char* end : {".norm.weight", ".norm.bias"})
    stage.tensors.push_back({stage.name + end, {config_.width}, TensorKind::parameter, {use}});
}

void NetworkBuilder::make_block(Stage& stage) {
  stage.is_residual = config_.residual;
  if (config_.layer_norm) add_norm(stage);
}

std::string NetworkBuilder::add_input() {
  Side columns = encoded_columns();
  columns.units.insert(columns.units.end(), static_cast<std::size_t>(source_.more_columns), -1);
  std::string encoded = "encoding";
  if (!source_.more_inputs.empty()) {
    Stage& both =
        add_stage("input_columns", StageKind::concatenation, {encoded, source_.more_inputs});
    both.width = columns.size();
    both.text = "outputs beside each other, " + std::to_string(both.width);
    encoded = both.name;
  }
  Stage& stage = add_stage("input", StageKind::linear, {encoded});
  stage.text = "linear " + arrow_text(columns.size(), config_.width) + ", " +
               std::string(core::name(config_.activation));
  stage.activation = config_.activation;
  add_linear(stage, stage.name, columns, width());
  return stage.name;
}

void NetworkBuilder::add_head(const std::string& input) {
  Stage& stage = add_stage("head", StageKind::head, {input});
  stage.width = 1;
  stage.text = "linear " + std::to_string(config_.width);
  if (!config_.head.empty()) stage.activation = config_.activation;
  Side inputs = width();
  for (std::size_t i = 0; i <= config_.head.size(); ++i) {
    const bool is_last = i == config_.head.size();
    const Side outputs = is_last ? side_without_axis(1)
                                 : Side{"head." + std::to_string(i), unit_range(config_.head[i])};
    add_linear(stage, "head." + std::to_string(i), inputs, outputs);
    stage.text += " -> " + std::to_string(outputs.size());
    inputs = outputs;
  }
}

}  // namespace stationhit::architecture
