// EdgeConv in factorized form: with message.0.weight = [W1 | W2] the first linear layer of a
// message is p_i + q_j, p = (W1 - W2) h + b, q = W2 h. Linear layers run once per node; only q
// travels along edges, by a Gather of rows. In full groups the maximum over j is the same for all
// nodes of a group.
#include "neighbor_aggregation.hpp"

namespace stationhit::exporter {
namespace {

using architecture::Aggregation;

class EdgeConvolution {
 public:
  EdgeConvolution(NetworkWriter& writer, const Stage& stage)
      : writer_(writer),
        graph_(writer.graph()),
        inputs_(writer.inputs()),
        stage_(stage),
        first_(stage.linear_layers.front()),
        in_(writer.weights().at(first_ + ".weight").shape[1] / 2),
        aggregation_(stage.edge_columns.empty()
                         ? make_aggregation(writer, stage.activation.value())
                         : make_aggregation_by_table(writer, stage.activation.value())) {}

  std::string write(const std::string& values) {
    const std::string own = own_part(values), other = other_part(values);
    const Messages messages{own, other, stage_.width, edge_part()};
    if (stage_.aggregation == Aggregation::max)
      return has_second_layer() ? max_of_two_layers(messages) : max_of_one_layer(messages);
    const std::string sum = sum_or_mean(messages);
    return has_second_layer() ? second_layer(sum) : sum;
  }

 private:
  [[nodiscard]] bool has_second_layer() const { return stage_.linear_layers.size() > 1; }
  [[nodiscard]] const std::string& second() const { return stage_.linear_layers.back(); }
  [[nodiscard]] std::vector<float> half(std::int64_t first) const;
  std::string own_part(const std::string& values);
  std::string other_part(const std::string& values);
  std::string edge_part();
  std::string max_of_one_layer(const Messages& messages);
  std::string max_of_two_layers(const Messages& messages);
  std::string sum_or_mean(const Messages& messages);
  std::string second_layer(const std::string& aggregated);
  std::string transposed(const std::string& name, std::int64_t out, std::int64_t in);

  NetworkWriter& writer_;
  onnx_file::GraphBuilder& graph_;
  GraphInputs& inputs_;
  const Stage& stage_;
  const std::string& first_;
  std::int64_t in_;
  std::unique_ptr<NeighborAggregation> aggregation_;
};

// The columns [first, first + in) of the weight of the first linear layer.
std::vector<float> EdgeConvolution::half(std::int64_t first) const {
  const Tensor& weight = writer_.weights().at(first_ + ".weight");
  std::vector<float> values;
  for (std::int64_t row = 0; row < stage_.width; ++row) {
    const auto begin = weight.values.begin() + row * 2 * in_ + first;
    values.insert(values.end(), begin, begin + in_);
  }
  return values;
}

// p = (W1 - W2) h + b
std::string EdgeConvolution::own_part(const std::string& values) {
  std::vector<float> weight = half(0);
  const std::vector<float> on_difference = half(in_);
  for (std::size_t i = 0; i < weight.size(); ++i) weight[i] -= on_difference[i];
  const std::string constant =
      graph_.constant(first_ + ".own", std::span<const float>(weight), {stage_.width, in_});
  return graph_.node("Gemm", {values, constant, writer_.constant(first_ + ".bias")},
                     {{"transB", std::int64_t{1}}});
}

// q = W2 h
std::string EdgeConvolution::other_part(const std::string& values) {
  const std::vector<float> weight = half(in_);
  const std::string constant =
      graph_.constant(first_ + ".other", std::span<const float>(weight), {stage_.width, in_});
  return graph_.node("Gemm", {values, constant}, {{"transB", std::int64_t{1}}});
}

// W_e e_ij
std::string EdgeConvolution::edge_part() {
  if (stage_.edge_columns.empty()) return {};
  const std::string name = stage_.name + ".edges.weight";
  const auto rows = static_cast<std::int64_t>(stage_.edge_columns.size());
  return graph_.node("MatMul", {writer_.edge_values(stage_), transposed(name, stage_.width, rows)});
}

// max_j act(p_i + q_j) = act(p_i + max_j q_j): the activation is monotone. relu turns what a row
// without neighbors gives into 0 by itself.
std::string EdgeConvolution::max_of_one_layer(const Messages& messages) {
  const std::string best = aggregation_->largest(messages);
  const std::string message =
      writer_.activate(graph_.node("Add", {messages.own, best}), stage_.activation.value());
  return stage_.activation == Activation::relu ? message : aggregation_->zero_if_isolated(message);
}

// The second layer stays per edge; its bias leaves the maximum.
std::string EdgeConvolution::max_of_two_layers(const Messages& messages) {
  const std::string weight = transposed(second() + ".weight", stage_.width, stage_.width);
  return aggregation_->largest_product(messages, weight, writer_.constant(second() + ".bias"));
}

// The weight [out, in] as a constant [in, out].
std::string EdgeConvolution::transposed(const std::string& name, std::int64_t out,
                                        std::int64_t in) {
  const Tensor& weight = writer_.weights().at(name);
  std::vector<float> values(weight.values.size());
  for (std::int64_t row = 0; row < out; ++row) {
    for (std::int64_t column = 0; column < in; ++column)
      values[column * out + row] = weight.values[row * in + column];
  }
  return graph_.constant(name + "_transposed", std::span<const float>(values), {in, out});
}

std::string EdgeConvolution::sum_or_mean(const Messages& messages) {
  std::string sum = aggregation_->sum(messages);
  if (stage_.aggregation != Aggregation::mean) return sum;
  return graph_.node("Div", {sum, aggregation_->mean_divisor()});
}

// Commutes with the sum; its bias counts once per edge (mean: once if there is an edge).
std::string EdgeConvolution::second_layer(const std::string& aggregated) {
  const std::string product = graph_.node(
      "Gemm", {aggregated, writer_.constant(second() + ".weight")}, {{"transB", std::int64_t{1}}});
  const std::string count = stage_.aggregation == Aggregation::mean
                                ? graph_.node("Min", {inputs_.degree(), graph_.scalar(1.0F)})
                                : inputs_.degree();
  return graph_.node("Add",
                     {product, graph_.node("Mul", {count, writer_.constant(second() + ".bias")})});
}

}  // namespace

std::string write_edge_convolution(NetworkWriter& writer, const Stage& stage,
                                   const StageInputs& inputs) {
  return EdgeConvolution(writer, stage).write(inputs.front());
}

}  // namespace stationhit::exporter
