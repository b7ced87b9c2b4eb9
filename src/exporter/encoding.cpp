// The input stage: normalization, encoding of the features that are numbers, and behind it a vector
// for every feature that is a code.
#include <cmath>
#include <vector>

#include <stationhit/architecture/encoded_layout.hpp>
#include <stationhit/architecture/tensor_names.hpp>
#include <stationhit/features/features.hpp>

#include "network_writer.hpp"

namespace stationhit::exporter {
namespace {

using architecture::DiscreteEncoding;
using architecture::EncodingType;
using architecture::prefix_of;

class Encoding {
 public:
  Encoding(NetworkWriter& writer, const Stage& stage)
      : writer_(writer),
        graph_(writer.graph()),
        config_(stage.encoding.value()),
        prefix_(prefix_of(stage)) {}

  std::string write(const std::string& features) {
    const auto layout = architecture::encoded_layout(config_, feature_names());
    const auto n_numbers = static_cast<std::int64_t>(layout.numbers.size());
    if (n_numbers == std::ssize(feature_names())) return encode(normalize(features), n_numbers);
    const std::string numbers = graph_.node("Gather", {features, graph_.indices(layout.numbers)},
                                            {{"axis", std::int64_t{1}}});
    std::vector<std::string> parts{encode(normalize(numbers), n_numbers)};
    if (layout.codes.empty()) return parts.front();
    for (const auto column : layout.codes) parts.push_back(code_vectors(features, column));
    return graph_.node("Concat", parts, {{"axis", std::int64_t{1}}});
  }

 private:
  [[nodiscard]] const std::vector<std::string>& feature_names() const {
    return writer_.weights().feature_names;
  }
  std::string normalize(const std::string& features);
  std::string encode(const std::string& normalized, std::int64_t n_features);
  std::string sines_and_cosines(const std::string& normalized, std::int64_t n_features);
  std::string code_vectors(const std::string& features, std::int64_t column);
  std::string code_table(const std::string& name, std::int64_t rows);

  NetworkWriter& writer_;
  onnx_file::GraphBuilder& graph_;
  const architecture::EncodingConfig& config_;
  std::string prefix_;
};

// fl32(fl32(x - mean) * inv_std), within the limit
std::string Encoding::normalize(const std::string& features) {
  std::string x = features;
  if (writer_.weights().has(prefix_ + "normalization.mean")) {
    x = graph_.node("Sub", {x, writer_.constant(prefix_ + "normalization.mean")});
    x = graph_.node("Mul", {x, writer_.constant(prefix_ + "normalization.inv_std")});
  }
  return writer_.limited(x, config_);
}

std::string Encoding::encode(const std::string& normalized, std::int64_t n_features) {
  if (config_.type == EncodingType::none) return normalized;
  if (config_.type == EncodingType::linear) return writer_.linear(normalized, prefix_ + "encoding");
  const std::string waves = sines_and_cosines(normalized, n_features);
  return config_.type == EncodingType::hybrid
             ? graph_.node("Concat", {normalized, waves}, {{"axis", std::int64_t{1}}})
             : waves;
}

// Angles [N, S, 1, F] -> sin and cos beside each other [N, S, 2, F] -> [N, 2 S F]: the order of the
// definition.
std::string Encoding::sines_and_cosines(const std::string& normalized, std::int64_t n_features) {
  const Tensor& frequencies = writer_.weights().at(prefix_ + "encoding.frequencies");
  const std::int64_t n_scales = frequencies.shape.front();
  const std::int64_t of_feature = frequencies.shape.size() == 2 ? n_features : 1;
  const std::string factors =
      graph_.constant(prefix_ + "encoding.frequencies", std::span<const float>(frequencies.values),
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
std::string Encoding::code_vectors(const std::string& features, std::int64_t column) {
  const std::string& name = feature_names()[static_cast<std::size_t>(column)];
  const auto codes = features::codes_of(name);
  const std::int64_t rows = codes.count + 1;
  const std::string number =
      graph_.constant(prefix_ + "column." + name, std::span<const std::int64_t>(&column, 1), {});
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

std::string Encoding::code_table(const std::string& name, std::int64_t rows) {
  if (config_.discrete == DiscreteEncoding::embedding)
    return writer_.constant(prefix_ + "encoding." + name);
  std::vector<float> identity(static_cast<std::size_t>(rows * rows), 0.0F);
  for (std::int64_t i = 0; i < rows; ++i) identity[static_cast<std::size_t>(i * rows + i)] = 1;
  return graph_.constant(prefix_ + "one_hot." + name, std::span<const float>(identity),
                         {rows, rows});
}

}  // namespace

std::string write_encoding(NetworkWriter& writer, const Stage& stage, const StageInputs& inputs) {
  return Encoding(writer, stage).write(inputs.front());
}

}  // namespace stationhit::exporter
