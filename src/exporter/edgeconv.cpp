// EdgeConv in factorised form: with message.0.weight = [W1 | W2] the first linear layer of a message is p_i + q_j, p = (W1 - W2) h + b, q = W2 h.
// Products are per node; only q travels along edges, by a Gather of rows. The table's padding -1 means the last row for Gather: a row is appended to
// q, very negative where a maximum follows and 0 where a sum does.
#include <array>
#include <cassert>
#include <vector>

#include <stationhit/onnx_file/model_metadata.hpp>

#include "stages.hpp"

namespace stationhit::exporter {
namespace {

constexpr float below_everything = -1e30F;  // finite: no NaN can come of it

// Up to so many columns the maximum is taken column by column: no [N, k, W] value exists, everything stays in the cache, half the time of one large
// Gather with ReduceMax (k = 16). Beyond, the number of nodes of the graph would grow too far.
constexpr std::int32_t max_columns = 64;

class EdgeConvWriter {
 public:
  explicit EdgeConvWriter(Stages& stages) : stages_(stages), graph_(stages.graph()), width_(stages.config().width) {
    neighbours_ = graph_.input(onnx_file::neighbours_input, onnx_file::ElementType::int32, {"n_nodes", std::int64_t{stages.k()}});
    const bool max = config().aggregation == "max";
    const std::vector<float> row(static_cast<std::size_t>(width_), max && config().message_layers == 1 ? below_everything : 0.0F);
    padding_row_ = graph_.constant("padding_row", std::span<const float>(row), {1, width_});
    const bool padding_vanishes = max && config().message_layers == 1 && config().activation == "relu";
    if (!padding_vanishes) mark_edges();
  }

  std::string transform(const std::string& hidden, const std::string& name) {
    const std::string own = own_part(hidden, name);
    const std::string other = graph_.node("Concat", {other_part(hidden, name), padding_row_}, {{"axis", std::int64_t{0}}});
    const bool two = config().message_layers == 2;
    if (config().aggregation == "max") return two ? max_of_two(own, other, name) : max_of_one(own, other);
    const std::string sum = sum_or_mean(own, other);
    return two ? second_layer(sum, name) : sum;
  }

 private:
  [[nodiscard]] const models::ModelConfig& config() const { return stages_.config(); }

  // is_edge_ [N, k, 1] bool, edge_weight_ [N, 1, k] float 0 or 1, degree_ [N, 1] float, has_edges_ [N, 1] bool
  void mark_edges() {
    const std::array<std::int32_t, 1> zero{0};
    const std::string first_node = graph_.constant("first_node", std::span<const std::int32_t>(zero), {});
    const std::string is_edge = graph_.node("GreaterOrEqual", {neighbours_, first_node});
    const std::string weight = graph_.node("Cast", {is_edge}, {{"to", std::int64_t{1}}});
    degree_ = graph_.node("ReduceSum", {weight, graph_.indices({1})}, {{"keepdims", std::int64_t{1}}});
    has_edges_ = graph_.node("Greater", {degree_, graph_.scalar(0.0F)});
    if (config().aggregation == "max") {
      is_edge_ = graph_.node("Unsqueeze", {is_edge, graph_.indices({2})});
    } else {
      edge_weight_ = graph_.node("Unsqueeze", {weight, graph_.indices({1})});
      at_least_one_ = graph_.node("Max", {degree_, graph_.scalar(1.0F)});
    }
  }

  // Columns [first, first + width) of message.0.weight.
  [[nodiscard]] std::vector<float> half(const std::string& name, std::int64_t first) const {
    const Tensor& weight = stages_.weights().at(name + ".message.0.weight");
    assert(weight.shape == (std::vector<std::int64_t>{width_, 2 * width_}));
    std::vector<float> values;
    for (std::int64_t row = 0; row < width_; ++row) {
      const auto begin = weight.values.begin() + row * 2 * width_ + first;
      values.insert(values.end(), begin, begin + width_);
    }
    return values;
  }

  // p = (W1 - W2) h + b
  std::string own_part(const std::string& hidden, const std::string& name) {
    std::vector<float> weight = half(name, 0);
    const std::vector<float> on_difference = half(name, width_);
    for (std::size_t i = 0; i < weight.size(); ++i) weight[i] -= on_difference[i];
    const std::string constant = graph_.constant(name + ".message.0.own", std::span<const float>(weight), {width_, width_});
    return graph_.node("Gemm", {hidden, constant, stages_.constant(name + ".message.0.bias")}, {{"transB", std::int64_t{1}}});
  }

  // q = W2 h
  std::string other_part(const std::string& hidden, const std::string& name) {
    const std::vector<float> weight = half(name, width_);
    const std::string constant = graph_.constant(name + ".message.0.other", std::span<const float>(weight), {width_, width_});
    return graph_.node("Gemm", {hidden, constant}, {{"transB", std::int64_t{1}}});
  }

  // The rows of the neighbours. [N + 1, W] -> [N, k, W]
  std::string gather(const std::string& other) { return graph_.node("Gather", {other, neighbours_}, {{"axis", std::int64_t{0}}}); }

  // Column by column: [N + 1, W] -> [N, W]
  std::string max_of_columns(const std::string& other) {
    if (columns_.empty()) split_columns();
    std::string best;
    for (const std::string& column : columns_) {
      const std::string rows = graph_.node("Gather", {other, column}, {{"axis", std::int64_t{0}}});
      best = best.empty() ? rows : graph_.node("Max", {best, rows});
    }
    return best;
  }

  void split_columns() {
    for (std::int64_t i = 0; i < stages_.k(); ++i) {
      const std::string number = graph_.constant("column_" + std::to_string(i), std::span<const std::int64_t>(&i, 1), {});
      columns_.push_back(graph_.node("Gather", {neighbours_, number}, {{"axis", std::int64_t{1}}}));
    }
  }

  std::string max_over_edges(const std::string& values) {
    return graph_.node("ReduceMax", {values, graph_.indices({1})}, {{"keepdims", std::int64_t{0}}});
  }

  std::string zero_without_edges(const std::string& values) { return graph_.node("Where", {has_edges_, values, graph_.scalar(0.0F)}); }

  // max_j act(p_i + q_j) = act(p_i + max_j q_j): the activation is monotone. relu turns what a row without neighbours gives into 0 by itself.
  std::string max_of_one(const std::string& own, const std::string& other) {
    const std::string best = stages_.k() <= max_columns ? max_of_columns(other) : max_over_edges(gather(other));
    const std::string message = stages_.activate(graph_.node("Add", {own, best}));
    return has_edges_.empty() ? message : zero_without_edges(message);
  }

  // act(p_i + q_j): [N, k, W]
  std::string inner_messages(const std::string& own, const std::string& other) {
    return stages_.activate(graph_.node("Add", {graph_.node("Unsqueeze", {own, graph_.indices({1})}), gather(other)}));
  }

  // The second layer stays per edge; its bias leaves the maximum.
  std::string max_of_two(const std::string& own, const std::string& other, const std::string& name) {
    const std::string messages = graph_.node("MatMul", {inner_messages(own, other), second_weight_transposed(name)});
    const std::string of_edges = graph_.node("Where", {is_edge_, messages, graph_.scalar(below_everything)});
    const std::string best = graph_.node("Add", {max_over_edges(of_edges), stages_.constant(name + ".message.1.bias")});
    return zero_without_edges(best);
  }

  std::string second_weight_transposed(const std::string& name) {
    const Tensor& weight = stages_.weights().at(name + ".message.1.weight");
    std::vector<float> transposed(weight.values.size());
    for (std::int64_t row = 0; row < width_; ++row) {
      for (std::int64_t column = 0; column < width_; ++column) transposed[column * width_ + row] = weight.values[row * width_ + column];
    }
    return graph_.constant(name + ".message.1.weight_transposed", std::span<const float>(transposed), {width_, width_});
  }

  // A product with the row of edge weights masks and sums in one step.
  std::string sum_or_mean(const std::string& own, const std::string& other) {
    const std::string rows = graph_.node("MatMul", {edge_weight_, inner_messages(own, other)});
    const std::string sum = graph_.node("Squeeze", {rows, graph_.indices({1})});
    return config().aggregation == "mean" ? graph_.node("Div", {sum, at_least_one_}) : sum;
  }

  // Commutes with the sum; its bias counts once per edge (mean: once if there is an edge).
  std::string second_layer(const std::string& aggregated, const std::string& name) {
    const std::string product = graph_.node("Gemm", {aggregated, stages_.constant(name + ".message.1.weight")}, {{"transB", std::int64_t{1}}});
    const std::string count = config().aggregation == "mean" ? graph_.node("Min", {degree_, graph_.scalar(1.0F)}) : degree_;
    return graph_.node("Add", {product, graph_.node("Mul", {count, stages_.constant(name + ".message.1.bias")})});
  }

  Stages& stages_;
  onnx_file::GraphBuilder& graph_;
  std::int64_t width_;
  std::string neighbours_, padding_row_;
  std::vector<std::string> columns_;                                       // of the table, [N] each
  std::string is_edge_, edge_weight_, degree_, at_least_one_, has_edges_;  // empty where the aggregation does not need them
};

}  // namespace

std::string edgeconv_blocks(Stages& stages, std::string hidden) {
  EdgeConvWriter writer(stages);
  for (std::int32_t block = 0; block < stages.config().blocks; ++block) {
    const std::string name = "blocks." + std::to_string(block);
    hidden = stages.residual(hidden, writer.transform(stages.norm(hidden, name), name));
  }
  return hidden;
}

}  // namespace stationhit::exporter
