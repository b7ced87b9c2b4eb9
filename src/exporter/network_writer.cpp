// The kind of a stage selects the function that writes it. Columns, layer norm and residual sum are
// the same for all kinds, so they are here.
#include "network_writer.hpp"

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
    case StageKind::pooling:
    case StageKind::spreading:
    case StageKind::compaction:
    case StageKind::merge:
      break;
  }
  throw core::Error(core::ExitCode::internal, "the exporter cannot write the stage " + stage.name);
}

}  // namespace

void NetworkWriter::write(const architecture::NetworkDescription& network) {
  const auto features = onnx_file::features_tensor(std::ssize(network.feature_names));
  const auto logits = onnx_file::logits_tensor();
  Values values;
  values["features"] = graph_.input(features.name, features.type, features.shape);
  for (const Stage& stage : network.stages) values[stage.name] = write(stage, values);
  graph_.output(logits.name, logits.type, logits.shape);
}

std::string NetworkWriter::write(const Stage& stage, const Values& values) {
  StageInputs inputs;
  for (const std::string& input : stage.inputs) inputs.push_back(values.at(input));
  const std::string first = inputs.front();
  if (!stage.columns.empty()) inputs.front() = selected_columns(first, stage);
  if (stage.has_norm) inputs.front() = norm(inputs.front(), stage);
  const std::string output = writer_of(stage)(*this, stage, inputs);
  return stage.is_residual ? graph_.node("Add", {first, output}) : output;
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
  return graph_.constant(name, std::span<const float>(tensor.values), tensor.shape);
}

std::string NetworkWriter::linear(const std::string& x, const std::string& name,
                                  const std::string& output_name) {
  return graph_.node("Gemm", {x, constant(name + ".weight"), constant(name + ".bias")},
                     {{"transB", std::int64_t{1}}}, output_name);
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
