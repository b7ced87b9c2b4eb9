// The kind of a stage selects the function that writes it. Columns, layer norm and residual sum are
// the same for all kinds, so they are here.
#include "network_writer.hpp"

#include <algorithm>
#include <numbers>

#include <stationhit/architecture/numerical_constants.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/onnx_file/model_tensors.hpp>

namespace stationhit::exporter {
namespace {

using architecture::StageKind;

using StageWriter = std::string (*)(NetworkWriter&, const Stage&, const StageInputs&);

StageWriter writer_of(const Stage& stage) {
  switch (stage.kind) {
    case StageKind::encoding:
      return write_encoding;
    case StageKind::linear:
      return write_linear;
    case StageKind::edge_convolution:
      return write_edge_convolution;
    case StageKind::graph_attention:
      return write_graph_attention;
    case StageKind::self_attention:
      return write_self_attention;
    case StageKind::feed_forward:
      return write_feed_forward;
    case StageKind::concatenation:
      return write_concatenation;
    case StageKind::head:
      return write_head;
    case StageKind::compaction:
      return write_compaction;
    case StageKind::merge:
      return write_merge;
    case StageKind::station_map:
      return write_station_map;
    case StageKind::pooling:
    case StageKind::spreading:
      break;
  }
  throw core::Error(core::ExitCode::internal, "the exporter cannot write the stage " + stage.name);
}

}  // namespace

void NetworkWriter::write(const architecture::NetworkDescription& network) {
  const auto features = onnx_file::features_tensor(std::ssize(network.feature_names));
  const auto logits = onnx_file::logits_tensor();
  network_ = &network;
  values_[architecture::features_stage] =
      graph_.input(features.name, features.type, features.shape);
  for (const Stage& stage : network.stages) values_[stage.name] = write(stage);
  graph_.output(logits.name, logits.type, logits.shape);
}

std::string NetworkWriter::write(const Stage& stage) {
  StageInputs inputs;
  for (const std::string& input : stage.inputs) inputs.push_back(values_.at(input));
  inputs_ = stage.graph.empty() ? &of_nodes_ : &graph_named(stage.graph);
  const std::string first = inputs.front();
  if (!stage.columns.empty()) inputs.front() = selected_columns(first, stage);
  if (stage.has_norm) inputs.front() = norm(inputs.front(), stage);
  const std::string output = writer_of(stage)(*this, stage, inputs);
  return stage.is_residual ? graph_.node("Add", {first, output}) : output;
}

const architecture::GraphDescription& NetworkWriter::description_of(
    const std::string& graph) const {
  return *std::ranges::find(network_->graphs, graph, &architecture::GraphDescription::name);
}

GraphInputs& NetworkWriter::graph_named(const std::string& name) {
  const auto found = graphs_.find(name);
  if (found != graphs_.end()) return found->second;
  const std::int64_t columns = description_of(name).columns;
  if (columns == 0) return of_nodes_;
  return graphs_.emplace(name, of_nodes_.with_table(of_nodes_.table(), columns)).first->second;
}

std::vector<std::string> NetworkWriter::graphs_on(const std::string& row_set) const {
  std::vector<std::string> names;
  for (const auto& graph : network_->graphs)
    if (graph.rows == row_set) names.push_back(graph.name);
  return names;
}

const std::string& NetworkWriter::event_of_node() {
  if (event_of_node_.empty()) {
    const auto tensor = onnx_file::event_of_node_tensor();
    event_of_node_ = graph_.input(tensor.name, tensor.type, tensor.shape);
  }
  return event_of_node_;
}

void NetworkWriter::add_table(const std::string& graph, const std::string& table) {
  graphs_.emplace(graph, of_nodes_.with_table(table, description_of(graph).columns));
}

const Stage& NetworkWriter::stage(const std::string& name) const {
  return *std::ranges::find(network_->stages, name, &Stage::name);
}

std::string NetworkWriter::selected_columns(const std::string& x, const Stage& stage) {
  std::vector<std::string> parts;
  for (const auto& [first, end] : stage.columns) {
    parts.push_back(graph_.node(
        "Slice", {x, graph_.indices({first}), graph_.indices({end}), graph_.indices({1})}));
  }
  if (parts.size() == 1) return parts.front();
  return graph_.node("Concat", parts, {{"axis", std::int64_t{1}}});
}

std::string NetworkWriter::norm(const std::string& x, const Stage& stage) {
  return graph_.node(
      "LayerNormalization",
      {x, constant(stage.name + ".norm.weight"), constant(stage.name + ".norm.bias")},
      {{"axis", std::int64_t{-1}}, {"epsilon", static_cast<float>(architecture::norm_epsilon)}});
}

std::string NetworkWriter::constant(const std::string& name) {
  const Tensor& tensor = weights_.at(name);
  if (!constants_.insert(name).second) return name;
  return graph_.constant(name, std::span<const float>(tensor.values), tensor.shape);
}

std::string NetworkWriter::output_name(const Stage& stage) const {
  return &stage == &network_->stages.back() ? onnx_file::logits_output : "";
}

std::string NetworkWriter::linear(const std::string& x, const std::string& name,
                                  const std::string& output_name) {
  return graph_.node("Gemm", {x, constant(name + ".weight"), constant(name + ".bias")},
                     {{"transB", std::int64_t{1}}}, output_name);
}

std::string NetworkWriter::limited(const std::string& x,
                                   const architecture::EncodingConfig& encoding) {
  if (encoding.limit == 0) return x;
  const auto limit = static_cast<float>(encoding.limit);
  return graph_.node("Clip", {x, graph_.scalar(-limit), graph_.scalar(limit)});
}

std::string NetworkWriter::activate(const std::string& x, Activation activation) {
  switch (activation) {
    case Activation::leaky_relu:
      return graph_.node("LeakyRelu", {x},
                         {{"alpha", static_cast<float>(architecture::leaky_relu_slope)}});
    case Activation::silu:
      return graph_.node("Mul", {x, graph_.node("Sigmoid", {x})});
    case Activation::gelu:
      return gelu(x);
    case Activation::relu:
      break;
  }
  return graph_.node("Relu", {x});
}

// x / 2 (1 + erf(x / sqrt 2)); the operator Gelu came with opset 20.
std::string NetworkWriter::gelu(const std::string& x) {
  const std::string error =
      graph_.node("Erf", {graph_.node("Div", {x, graph_.scalar(std::numbers::sqrt2_v<float>)})});
  return graph_.node("Mul",
                     {graph_.node("Mul", {x, graph_.node("Add", {error, graph_.scalar(1.0F)})}),
                      graph_.scalar(0.5F)});
}

}  // namespace stationhit::exporter
