#include "stages.hpp"

#include <cmath>
#include <numbers>

#include <stationhit/onnx_file/model_metadata.hpp>

namespace stationhit::exporter {
namespace {

// Of torch::nn::LayerNorm and torch::leaky_relu as the networks use them.
constexpr float norm_epsilon = 1e-5F;
constexpr float leaky_slope = 0.01F;

}  // namespace

std::string Stages::constant(const std::string& name) {
  const Tensor& tensor = weights_.at(name);
  return graph_.constant(name, std::span<const float>(tensor.values), tensor.shape);
}

std::string Stages::embed() {
  const auto n_features = static_cast<std::int64_t>(weights_.feature_names.size());
  const std::string features = graph_.input(onnx_file::features_input, onnx_file::ElementType::float32, {"n_nodes", n_features});
  return activate(linear(encode(normalise(features)), "input"));
}

// fl32(fl32(x - mean) * inv_std)
std::string Stages::normalise(const std::string& features) {
  if (!weights_.has("normalization.mean")) return features;
  const std::string centred = graph_.node("Sub", {features, constant("normalization.mean")});
  return graph_.node("Mul", {centred, constant("normalization.inv_std")});
}

// [N, F] -> angles [N, S, 1, F] -> sin and cos beside each other [N, S, 2, F] -> [N, 2 S F]: the order of the definition.
std::string Stages::encode(const std::string& normalised) {
  if (!weights_.has("encoding.frequencies")) return normalised;
  const Tensor& frequencies = weights_.at("encoding.frequencies");
  const std::int64_t n_scales = frequencies.shape.front();
  const auto n_features = static_cast<std::int64_t>(weights_.feature_names.size());
  const std::string factors = graph_.constant("encoding.frequencies", std::span<const float>(frequencies.values), {n_scales, 1, 1});
  const std::string angles = graph_.node("Mul", {graph_.node("Unsqueeze", {normalised, graph_.indices({1, 2})}), factors});
  const std::string waves = graph_.node("Concat", {graph_.node("Sin", {angles}), graph_.node("Cos", {angles})}, {{"axis", std::int64_t{2}}});
  return graph_.node("Reshape", {waves, graph_.indices({0, 2 * n_scales * n_features})});  // 0 keeps N, also N = 0
}

std::string Stages::linear(const std::string& x, const std::string& name, const std::string& output_name) {
  return graph_.node("Gemm", {x, constant(name + ".weight"), constant(name + ".bias")}, {{"transB", std::int64_t{1}}}, output_name);
}

std::string Stages::activate(const std::string& x) {
  const std::string& activation = config().activation;
  if (activation == "leaky_relu") return graph_.node("LeakyRelu", {x}, {{"alpha", leaky_slope}});
  if (activation == "silu") return graph_.node("Mul", {x, graph_.node("Sigmoid", {x})});
  if (activation == "gelu") {  // x / 2 (1 + erf(x / sqrt 2)); the operator Gelu came with opset 20
    const std::string error = graph_.node("Erf", {graph_.node("Div", {x, graph_.scalar(std::numbers::sqrt2_v<float>)})});
    return graph_.node("Mul", {graph_.node("Mul", {x, graph_.node("Add", {error, graph_.scalar(1.0F)})}), graph_.scalar(0.5F)});
  }
  return graph_.node("Relu", {x});
}

std::string Stages::norm(const std::string& hidden, const std::string& name) {
  if (!config().layer_norm) return hidden;
  return graph_.node("LayerNormalization", {hidden, constant(name + ".norm.weight"), constant(name + ".norm.bias")},
                     {{"axis", std::int64_t{-1}}, {"epsilon", norm_epsilon}});
}

std::string Stages::residual(const std::string& hidden, const std::string& change) {
  return config().residual ? graph_.node("Add", {hidden, change}) : change;
}

void Stages::classify(std::string hidden) {
  const std::size_t last = config().head.size();
  for (std::size_t i = 0; i < last; ++i) hidden = activate(linear(hidden, "head." + std::to_string(i)));
  linear(hidden, "head." + std::to_string(last), onnx_file::logits_output);
  graph_.output(onnx_file::logits_output, onnx_file::ElementType::float32, {"n_nodes", 1});
}

}  // namespace stationhit::exporter
