// The strategy for fully connected groups, by classes of groups of similar size. A maximum is the
// same for all nodes of a group; sums and attention visit the pairs of a group. Every node is its
// own neighbor, so no node is isolated.
#include <functional>

#include "neighbor_aggregation.hpp"

namespace stationhit::exporter {
namespace {

using SizeClass = GraphInputs::SizeClass;

class GroupAggregation : public NeighborAggregation {
 public:
  using NeighborAggregation::NeighborAggregation;
  std::string largest(const Messages& messages) override;
  std::string largest_product(const Messages& messages, const std::string& weight,
                              const std::string& bias) override;
  std::string sum(const Messages& messages) override;
  std::string attend(const ScoredValues& scored) override;
  std::string zero_if_isolated(const std::string& rows) override { return rows; }
  std::string mean_divisor() override { return inputs_.degree(); }

 private:
  using Reduce = std::function<std::string(const SizeClass& of_size, const std::string& messages)>;
  std::string reduced_messages(const Messages& messages, const Reduce& reduce);
};

std::string GroupAggregation::largest(const Messages& messages) {
  const std::string padded =
      inputs_.with_padding(messages.other, messages.columns, below_everything);
  return inputs_.spread_groups(inputs_.pool_groups([&](const SizeClass& of_size) {
    return graph_.node("ReduceMax", {of_size.spread(padded), graph_.indices({1})},
                       {{"keepdims", std::int64_t{0}}});
  }));
}

// Messages of all pairs of nodes of the groups of a class, [B, M, M, C], reduced by `reduce` to
// [B, M, C]; of all classes together [N, C].
std::string GroupAggregation::reduced_messages(const Messages& messages, const Reduce& reduce) {
  const std::string own = inputs_.with_padding(messages.own, messages.columns, 0),
                    other = inputs_.with_padding(messages.other, messages.columns, 0);
  return inputs_.map_slots(messages.columns, [&](const SizeClass& of_size) {
    const std::string of_pairs = activate(graph_.node(
        "Add", {graph_.node("Unsqueeze", {of_size.spread(own), graph_.indices({2})}),
                graph_.node("Unsqueeze", {of_size.spread(other), graph_.indices({1})})}));
    return reduce(of_size, of_pairs);
  });
}

std::string GroupAggregation::largest_product(const Messages& messages, const std::string& weight,
                                              const std::string& bias) {
  const std::string best = reduced_messages(messages, [&](const SizeClass& of_size,
                                                          const std::string& of_pairs) {
    const std::string exists = graph_.node("Unsqueeze", {of_size.exists(), graph_.indices({1, 3})});
    return largest_product_over(2, of_pairs, weight, exists);
  });
  return graph_.node("Add", {best, bias});
}

// A product with the row of weights masks and sums in one step.
std::string GroupAggregation::sum(const Messages& messages) {
  return reduced_messages(messages, [&](const SizeClass& of_size, const std::string& of_pairs) {
    return graph_.node(
        "MatMul", {graph_.node("Unsqueeze", {of_size.weight(), graph_.indices({1, 2})}), of_pairs});
  });
}

// Scores of all pairs of a group: [B, H, M, M].
std::string GroupAggregation::attend(const ScoredValues& scored) {
  const std::string own = inputs_.with_padding(scored.own_score, scored.heads, 0),
                    other = inputs_.with_padding(scored.other_score, scored.heads, no_score);
  const std::string values = inputs_.with_padding(scored.values, scored.width(), 0);
  return inputs_.map_slots(scored.width(), [&](const SizeClass& of_size) {
    const std::string of_columns = of_size.head_columns_of(other, scored.heads, 1);
    const std::string scores = score(of_size.heads_of(own, scored.heads, 1), of_columns);
    return of_size.attend(scores, of_size.heads_of(values, scored.heads, scored.head_width));
  });
}

}  // namespace

std::unique_ptr<NeighborAggregation> make_aggregation_by_size_classes(NetworkWriter& writer,
                                                                      Activation activation) {
  return std::make_unique<GroupAggregation>(writer, activation);
}

}  // namespace stationhit::exporter
