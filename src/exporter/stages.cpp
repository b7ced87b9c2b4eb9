#include "stages.hpp"

#include <cmath>
#include <numbers>
#include <vector>

#include <stationhit/features/features.hpp>
#include <stationhit/models/cost.hpp>
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

std::string Stages::embed() { return activate(linear(encoded_input(), "input")); }

std::string Stages::encoded_input() {
  const auto n_features = static_cast<std::int64_t>(weights_.feature_names.size());
  const std::string features = graph_.input(
      onnx_file::features_input, onnx_file::ElementType::float32, {"n_nodes", n_features});
  const auto layout = models::encoded_layout(config().encoding, weights_.feature_names);
  if (layout.codes.empty()) return encode(normalize(features), n_features);
  const std::string numbers = graph_.node("Gather", {features, graph_.indices(layout.numbers)},
                                          {{"axis", std::int64_t{1}}});
  std::vector<std::string> parts{
      encode(normalize(numbers), static_cast<std::int64_t>(layout.numbers.size()))};
  for (const auto column : layout.codes) parts.push_back(code_vectors(features, column));
  return graph_.node("Concat", parts, {{"axis", std::int64_t{1}}});
}

// fl32(fl32(x - mean) * inv_std)
std::string Stages::normalize(const std::string& features) {
  if (!weights_.has("normalization.mean")) return features;
  const std::string centerd = graph_.node("Sub", {features, constant("normalization.mean")});
  return graph_.node("Mul", {centerd, constant("normalization.inv_std")});
}

std::string Stages::encode(const std::string& normalized, std::int64_t n_features) {
  const EncodingType type = config().encoding.type;
  if (type == EncodingType::none) return normalized;
  if (type == EncodingType::linear) return linear(normalized, "encoding");
  const std::string waves = sines_and_cosines(normalized, n_features);
  return type == EncodingType::hybrid
             ? graph_.node("Concat", {normalized, waves}, {{"axis", std::int64_t{1}}})
             : waves;
}

// Angles [N, S, 1, F] -> sin and cos beside each other [N, S, 2, F] -> [N, 2 S F]: the order of the
// definition.
std::string Stages::sines_and_cosines(const std::string& normalized, std::int64_t n_features) {
  const Tensor& frequencies = weights_.at("encoding.frequencies");
  const std::int64_t n_scales = frequencies.shape.front();
  const std::int64_t of_feature = frequencies.shape.size() == 2 ? n_features : 1;
  const std::string factors =
      graph_.constant("encoding.frequencies", std::span<const float>(frequencies.values),
                      {n_scales, 1, of_feature});
  const std::string angles =
      graph_.node("Mul", {graph_.node("Unsqueeze", {normalized, graph_.indices({1, 2})}), factors});
  const std::string waves =
      graph_.node("Concat", {graph_.node("Sin", {angles}), graph_.node("Cos", {angles})},
                  {{"axis", std::int64_t{2}}});
  return graph_.node(
      "Reshape", {waves, graph_.indices({0, 2 * n_scales * n_features})});  // 0 keeps N, also N = 0
}

// The vector of the feature's code: [N, F] -> [N, width]
std::string Stages::code_vectors(const std::string& features, std::int64_t column) {
  const std::string& name = weights_.feature_names[static_cast<std::size_t>(column)];
  const auto codes = features::codes_of(name);
  const std::int64_t rows = codes.count + 1;
  const std::string number =
      graph_.constant("column." + name, std::span<const std::int64_t>(&column, 1), {});
  const std::string place =
      graph_.node("Sub", {graph_.node("Gather", {features, number}, {{"axis", std::int64_t{1}}}),
                          graph_.scalar(static_cast<float>(codes.first))});
  const std::string inside = graph_.node(
      "And", {graph_.node("GreaterOrEqual", {place, graph_.scalar(0.0F)}),
              graph_.node("Less", {place, graph_.scalar(static_cast<float>(codes.count))})});
  const std::string known =
      graph_.node("And", {inside, graph_.node("Equal", {place, graph_.node("Floor", {place})})});
  const std::string row =
      graph_.node("Where", {known, place, graph_.scalar(static_cast<float>(codes.count))});
  const std::string index = graph_.node("Cast", {row}, {{"to", onnx_file::ElementType::int64}});
  return graph_.node("Gather", {code_table(name, rows), index}, {{"axis", std::int64_t{0}}});
}

std::string Stages::code_table(const std::string& name, std::int64_t rows) {
  if (config().encoding.discrete == DiscreteEncoding::embedding)
    return constant("encoding." + name);
  std::vector<float> identity(static_cast<std::size_t>(rows * rows), 0.0F);
  for (std::int64_t i = 0; i < rows; ++i) identity[static_cast<std::size_t>(i * rows + i)] = 1;
  return graph_.constant("one_hot." + name, std::span<const float>(identity), {rows, rows});
}

std::string Stages::linear(const std::string& x, const std::string& name,
                           const std::string& output_name) {
  return graph_.node("Gemm", {x, constant(name + ".weight"), constant(name + ".bias")},
                     {{"transB", std::int64_t{1}}}, output_name);
}

std::string Stages::activate(const std::string& x) {
  switch (config().activation) {
    case Activation::leaky_relu:
      return graph_.node("LeakyRelu", {x}, {{"alpha", leaky_slope}});
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
std::string Stages::gelu(const std::string& x) {
  const std::string error =
      graph_.node("Erf", {graph_.node("Div", {x, graph_.scalar(std::numbers::sqrt2_v<float>)})});
  return graph_.node("Mul",
                     {graph_.node("Mul", {x, graph_.node("Add", {error, graph_.scalar(1.0F)})}),
                      graph_.scalar(0.5F)});
}

std::string Stages::norm(const std::string& hidden, const std::string& name) {
  if (!weights_.has(name + ".norm.weight")) return hidden;
  return graph_.node("LayerNormalization",
                     {hidden, constant(name + ".norm.weight"), constant(name + ".norm.bias")},
                     {{"axis", std::int64_t{-1}}, {"epsilon", norm_epsilon}});
}

std::string Stages::block(const std::string& hidden, const std::string& name,
                          const std::function<std::string(const std::string&)>& transform) {
  const std::string change = transform(norm(hidden, name));
  return config().residual ? graph_.node("Add", {hidden, change}) : change;
}

std::string Stages::blocks(
    std::string hidden,
    const std::function<std::string(const std::string&, const std::string&)>& layer) {
  for (std::int32_t block = 0; block < config().blocks; ++block)
    hidden = layer(hidden, "blocks." + std::to_string(block));
  return hidden;
}

void Stages::classify(std::string hidden) {
  const std::size_t last = config().head.size();
  for (std::size_t i = 0; i < last; ++i)
    hidden = activate(linear(hidden, "head." + std::to_string(i)));
  linear(hidden, "head." + std::to_string(last), onnx_file::logits_output);
  graph_.output(onnx_file::logits_output, onnx_file::ElementType::float32, {"n_nodes", 1});
}

}  // namespace stationhit::exporter
