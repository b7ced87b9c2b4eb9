// sign(d) log(1 + |d|) edge_factor with d = (x_j - x_i) / edge_resolution for every edge feature x,
// normalized: one Gather of narrow rows, before any linear layer.
#include <stationhit/architecture/encoded_layout.hpp>
#include <stationhit/architecture/numerical_constants.hpp>
#include <stationhit/architecture/tensor_names.hpp>

#include "network_writer.hpp"

namespace stationhit::exporter {
namespace {

using architecture::prefix_of;

class EdgeValues {
 public:
  EdgeValues(NetworkWriter& writer, const Stage& stage)
      : writer_(writer),
        graph_(writer.graph()),
        columns_(stage.edge_columns),
        encoding_(writer.stage(stage.edge_encoding)) {}

  std::string write() {
    const std::string own = scaled_numbers();
    const std::string padded = writer_.inputs().with_padding(own, std::ssize(columns_), 0);
    const std::string other =
        graph_.node("Gather", {padded, writer_.inputs().neighbors()}, {{"axis", std::int64_t{0}}});
    return logarithm(
        graph_.node("Sub", {other, graph_.node("Unsqueeze", {own, graph_.indices({1})})}));
  }

 private:
  std::string scaled_numbers();
  std::string logarithm(const std::string& difference);
  std::string selected(const std::string& name);

  NetworkWriter& writer_;
  onnx_file::GraphBuilder& graph_;
  const std::vector<std::int64_t>& columns_;
  const Stage& encoding_;
};

std::string EdgeValues::scaled_numbers() {
  const Weights& weights = writer_.weights();
  const auto numbers =
      architecture::encoded_layout(encoding_.encoding.value(), weights.feature_names).numbers;
  std::vector<std::int64_t> of_features;
  for (const auto column : columns_)
    of_features.push_back(numbers[static_cast<std::size_t>(column)]);
  const std::string& features = writer_.value_of(encoding_.inputs.front());
  const std::string normalization = prefix_of(encoding_) + "normalization.";
  std::string x =
      graph_.node("Gather", {features, graph_.indices(of_features)}, {{"axis", std::int64_t{1}}});
  if (weights.has(normalization + "mean")) {
    x = graph_.node("Sub", {x, selected(normalization + "mean")});
    x = graph_.node("Mul", {x, selected(normalization + "inv_std")});
  }
  x = writer_.limited(x, encoding_.encoding.value());
  return graph_.node("Mul",
                     {x, graph_.scalar(static_cast<float>(1 / architecture::edge_resolution))});
}

std::string EdgeValues::selected(const std::string& name) {
  const Tensor& all = writer_.weights().at(name);
  std::vector<float> values;
  for (const auto column : columns_) values.push_back(all.values[static_cast<std::size_t>(column)]);
  return graph_.constant("edges." + name, std::span<const float>(values), {std::ssize(columns_)});
}

std::string EdgeValues::logarithm(const std::string& difference) {
  const std::string size = graph_.node(
      "Log", {graph_.node("Add", {graph_.node("Abs", {difference}), graph_.scalar(1.0F)})});
  const std::string value = graph_.node("Mul", {graph_.node("Sign", {difference}), size});
  return graph_.node("Mul", {value, graph_.scalar(static_cast<float>(architecture::edge_factor))});
}

}  // namespace

const std::string& NetworkWriter::edge_values(const Stage& stage) {
  std::string& values = edge_values_[stage.graph];
  if (values.empty()) values = EdgeValues(*this, stage).write();
  return values;
}

}  // namespace stationhit::exporter
