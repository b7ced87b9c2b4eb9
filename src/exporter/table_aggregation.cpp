#include "table_aggregation.hpp"

namespace stationhit::exporter {

std::string TableAggregation::largest(const Messages& messages) {
  return graph_.node("ReduceMax", {terms_of_edges(messages, below_everything), graph_.indices({1})},
                     {{"keepdims", std::int64_t{0}}});
}

// other_j [+ of_edges_ij]: [N, k, C]
std::string TableAggregation::terms_of_edges(const Messages& messages, float padding) {
  const std::string other = inputs_.with_padding(messages.other, messages.columns, padding);
  const std::string rows = gather(other, inputs_.neighbors());
  return messages.of_edges.empty() ? rows : graph_.node("Add", {rows, messages.of_edges});
}

// [N, k, C]; without meaning where there is no neighbor.
std::string TableAggregation::messages_of_edges(const Messages& messages) {
  const std::string own = graph_.node("Unsqueeze", {messages.own, graph_.indices({1})});
  return activate(graph_.node("Add", {own, terms_of_edges(messages, 0)}));
}

std::string TableAggregation::largest_product(const Messages& messages, const std::string& weight,
                                              const std::string& bias) {
  const std::string exists = graph_.node("Unsqueeze", {inputs_.edge_exists(), graph_.indices({2})});
  const std::string best = largest_product_over(1, messages_of_edges(messages), weight, exists);
  return graph_.node(
      "Where", {inputs_.has_neighbors(), graph_.node("Add", {best, bias}), graph_.scalar(0.0F)});
}

// A product with the row of weights masks and sums in one step.
std::string TableAggregation::sum(const Messages& messages) {
  const std::string weight = graph_.node("Unsqueeze", {inputs_.edge_weight(), graph_.indices({1})});
  return graph_.node("Squeeze", {graph_.node("MatMul", {weight, messages_of_edges(messages)}),
                                 graph_.indices({1})});
}

// Attention with values [N, k + 1, ...].
std::string TableAggregation::attend(const ScoredValues& scored) {
  const auto with_own = [&](const std::string& rows, const std::string& padded) {
    return graph_.node("Concat",
                       {graph_.node("Unsqueeze", {rows, graph_.indices({1})}),
                        gather(padded, inputs_.neighbors())},
                       {{"axis", std::int64_t{1}}});
  };
  const std::string other = with_own(
      scored.other_score, inputs_.with_padding(scored.other_score, scored.heads, no_score));
  const std::string padded =
      split_heads(inputs_.with_padding(scored.values, scored.width(), 0), scored);
  const std::string values = with_own(split_heads(scored.values, scored), padded);
  const std::string scores =
      score(graph_.node("Unsqueeze", {scored.own_score, graph_.indices({1})}), other);
  const std::string weights = graph_.node(
      "Unsqueeze",
      {graph_.node("Softmax", {scores}, {{"axis", std::int64_t{1}}}), graph_.indices({3})});
  return join_heads(
      graph_.node("ReduceSum", {graph_.node("Mul", {weights, values}), graph_.indices({1})},
                  {{"keepdims", std::int64_t{0}}}),
      scored);
}

std::string TableAggregation::zero_if_isolated(const std::string& rows) {
  return graph_.node("Where", {inputs_.has_neighbors(), rows, graph_.scalar(0.0F)});
}

std::string TableAggregation::mean_divisor() {
  return graph_.node("Max", {inputs_.degree(), graph_.scalar(1.0F)});
}

std::string TableAggregation::split_heads(const std::string& rows, const ScoredValues& scored) {
  return graph_.node("Reshape", {rows, graph_.indices({-1, scored.heads, scored.head_width})});
}

std::string TableAggregation::join_heads(const std::string& rows, const ScoredValues& scored) {
  return graph_.node("Reshape", {rows, graph_.indices({0, scored.width()})});
}

std::unique_ptr<NeighborAggregation> make_aggregation_by_table(NetworkWriter& writer,
                                                               Activation activation) {
  return std::make_unique<TableAggregation>(writer, activation);
}

}  // namespace stationhit::exporter
