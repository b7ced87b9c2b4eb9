// The strategy for narrow neighbor tables: one column after the other, so that no [N, k, C] value
// exists. The maximum of products with a weight stays with the table as a whole.
#include "table_aggregation.hpp"

namespace stationhit::exporter {
namespace {

class ColumnAggregation : public TableAggregation {
 public:
  using TableAggregation::TableAggregation;
  std::string largest(const Messages& messages) override;
  std::string sum(const Messages& messages) override;
  std::string attend(const ScoredValues& scored) override;

 private:
  std::string for_values(const std::string& weights) {
    return graph_.node("Unsqueeze", {weights, graph_.indices({2})});
  }
};

std::string ColumnAggregation::largest(const Messages& messages) {
  const std::string padded =
      inputs_.with_padding(messages.other, messages.columns, below_everything);
  std::string best;
  for (const std::string& column : inputs_.columns()) {
    const std::string of_column = gather(padded, column);
    best = best.empty() ? of_column : graph_.node("Max", {best, of_column});
  }
  return best;
}

// The padding row makes relu give 0; other activations are masked.
std::string ColumnAggregation::sum(const Messages& messages) {
  const bool relu = activation_ == Activation::relu;
  const std::string padded =
      inputs_.with_padding(messages.other, messages.columns, relu ? below_everything : 0);
  std::string sum;
  std::int64_t i = 0;
  for (const std::string& column : inputs_.columns()) {
    const std::string rows = gather(padded, column);
    std::string message = activate(graph_.node("Add", {messages.own, rows}));
    if (!relu) {
      const std::string weight = graph_.node(
          "Gather", {inputs_.edge_weight(), graph_.indices({i++})}, {{"axis", std::int64_t{1}}});
      message = graph_.node("Mul", {message, weight});
    }
    sum = sum.empty() ? message : graph_.node("Add", {sum, message});
  }
  return sum;
}

// Softmax and weighted sum over the node itself and the columns of the table.
std::string ColumnAggregation::attend(const ScoredValues& scored) {
  const std::string other = inputs_.with_padding(scored.other_score, scored.heads, no_score),
                    values =
                        split_heads(inputs_.with_padding(scored.values, scored.width(), 0), scored);
  std::vector<std::string> scores{score(scored.own_score, scored.other_score)}, weights;
  for (const std::string& column : inputs_.columns())
    scores.push_back(score(scored.own_score, gather(other, column)));
  const std::string largest = graph_.node("Max", scores);
  for (const std::string& one : scores)
    weights.push_back(graph_.node("Exp", {graph_.node("Sub", {one, largest})}));
  std::string sum =
      graph_.node("Mul", {split_heads(scored.values, scored), for_values(weights.front())});
  for (std::size_t i = 1; i < weights.size(); ++i) {
    sum = graph_.node("Add", {sum, graph_.node("Mul", {gather(values, inputs_.columns()[i - 1]),
                                                       for_values(weights[i])})});
  }
  return join_heads(graph_.node("Div", {sum, for_values(graph_.node("Sum", weights))}), scored);
}

}  // namespace

std::unique_ptr<NeighborAggregation> make_aggregation_by_columns(NetworkWriter& writer,
                                                                 Activation activation) {
  return std::make_unique<ColumnAggregation>(writer, activation);
}

}  // namespace stationhit::exporter
