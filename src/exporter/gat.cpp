// Graph attention: a score is a_i + b_j with a = target . W h and b = source . W h, whose vectors
// are multiplied into W here.
#include "edgeconv_writer.hpp"

namespace stationhit::exporter {
namespace {

constexpr float attention_slope = 0.2F;

class GraphAttentionWriter {
 public:
  explicit GraphAttentionWriter(Stages& stages)
      : stages_(stages),
        graph_(stages.graph()),
        inputs_(stages.inputs()),
        width_(stages.config().width),
        heads_(stages.config().heads) {}

  std::string transform(const std::string& normed, const std::string& name) {
    const Scored scored{
        product(normed, name + ".weight", stages_.weights().at(name + ".weight").values, width_),
        product(normed, name + ".target", score_weight(name, ".target"), heads_),
        product(normed, name + ".source", score_weight(name, ".source"), heads_)};
    const std::string attended = !inputs_.has_table()   ? over_groups(scored)
                                 : inputs_.by_columns() ? over_columns(scored)
                                                        : over_table(scored);
    return stages_.activate(graph_.node("Add", {attended, stages_.constant(name + ".bias")}));
  }

 private:
  struct Scored {
    std::string values, a, b;  // [N, W], [N, H], [N, H]
  };
  [[nodiscard]] std::int64_t head_width() const { return width_ / heads_; }

  // [H, W] with rows vector_h . W_h
  [[nodiscard]] std::vector<float> score_weight(const std::string& name,
                                                const std::string& vectors) const {
    const auto &weight = stages_.weights().at(name + ".weight").values,
               &vector = stages_.weights().at(name + vectors).values;
    std::vector<float> result;
    for (std::int64_t head = 0; head < heads_; ++head) {
      for (std::int64_t column = 0; column < width_; ++column) {
        double sum = 0;
        for (std::int64_t row = head * head_width(); row < (head + 1) * head_width(); ++row) {
          sum += static_cast<double>(vector[static_cast<std::size_t>(row)]) *
                 weight[static_cast<std::size_t>(row * width_ + column)];
        }
        result.push_back(static_cast<float>(sum));
      }
    }
    return result;
  }

  std::string product(const std::string& x, const std::string& name,
                      const std::vector<float>& weight, std::int64_t rows) {
    const std::string constant =
        graph_.constant(name, std::span<const float>(weight), {rows, width_});
    return graph_.node("Gemm", {x, constant}, {{"transB", std::int64_t{1}}});
  }

  std::string score(const std::string& a, const std::string& b) {
    return graph_.node("LeakyRelu", {graph_.node("Add", {a, b})}, {{"alpha", attention_slope}});
  }

  std::string gather(const std::string& rows, const std::string& index) {
    return graph_.node("Gather", {rows, index}, {{"axis", std::int64_t{0}}});
  }
  std::string split_heads(const std::string& rows) {
    return graph_.node("Reshape", {rows, graph_.indices({-1, heads_, head_width()})});
  }
  std::string join_heads(const std::string& rows) {
    return graph_.node("Reshape", {rows, graph_.indices({0, width_})});
  }
  std::string for_values(const std::string& weights) {
    return graph_.node("Unsqueeze", {weights, graph_.indices({2})});
  }

  // Softmax and weighted sum over the node itself and the columns of the table, one after the
  // other.
  std::string over_columns(const Scored& scored) {
    const std::string b = inputs_.with_padding(scored.b, heads_, no_score),
                      values = split_heads(inputs_.with_padding(scored.values, width_, 0));
    std::vector<std::string> scores{score(scored.a, scored.b)}, weights;
    for (const std::string& column : inputs_.columns())
      scores.push_back(score(scored.a, gather(b, column)));
    const std::string largest = graph_.node("Max", scores);
    for (const std::string& one : scores)
      weights.push_back(graph_.node("Exp", {graph_.node("Sub", {one, largest})}));
    std::string sum = graph_.node("Mul", {split_heads(scored.values), for_values(weights.front())});
    for (std::size_t i = 1; i < weights.size(); ++i) {
      sum = graph_.node("Add", {sum, graph_.node("Mul", {gather(values, inputs_.columns()[i - 1]),
                                                         for_values(weights[i])})});
    }
    return join_heads(graph_.node("Div", {sum, for_values(graph_.node("Sum", weights))}));
  }

  // Attention over the table, with values [N, k + 1, ...].
  std::string over_table(const Scored& scored) {
    const auto with_own = [&](const std::string& rows, const std::string& padded) {
      return graph_.node("Concat",
                         {graph_.node("Unsqueeze", {rows, graph_.indices({1})}),
                          gather(padded, inputs_.neighbors())},
                         {{"axis", std::int64_t{1}}});
    };
    const std::string b = with_own(scored.b, inputs_.with_padding(scored.b, heads_, no_score));
    const std::string values = with_own(
        split_heads(scored.values), split_heads(inputs_.with_padding(scored.values, width_, 0)));
    const std::string scores = score(graph_.node("Unsqueeze", {scored.a, graph_.indices({1})}), b);
    const std::string weights = graph_.node(
        "Unsqueeze",
        {graph_.node("Softmax", {scores}, {{"axis", std::int64_t{1}}}), graph_.indices({3})});
    return join_heads(graph_.node("ReduceSum",
                                  {graph_.node("Mul", {weights, values}), graph_.indices({1})},
                                  {{"keepdims", std::int64_t{0}}}));
  }

  // All pairs of a group: scores [B, H, M, M].
  std::string over_groups(const Scored& scored) {
    const std::string a = inputs_.with_padding(scored.a, heads_, 0),
                      b = inputs_.with_padding(scored.b, heads_, no_score);
    const std::string values = inputs_.with_padding(scored.values, width_, 0);
    return inputs_.map_slots(width_, [&](const GraphInputs::SizeClass& of_size) {
      const std::string scores =
          score(of_size.heads_of(a, heads_, 1), of_size.head_columns_of(b, heads_, 1));
      return of_size.attend(scores, of_size.heads_of(values, heads_, head_width()));
    });
  }

  Stages& stages_;
  onnx_file::GraphBuilder& graph_;
  GraphInputs& inputs_;
  std::int64_t width_, heads_;
};

}  // namespace

std::string gat_network(Stages& stages) {
  EdgeConvWriter edgeconv(stages);
  GraphAttentionWriter attention(stages);
  return stages.blocks(stages.embed(), [&](const std::string& hidden, const std::string& name) {
    const std::string first = name + ".edgeconv", second = name + ".attention";
    const std::string between = stages.block(hidden, first, [&](const std::string& normed) {
      return edgeconv.transform(normed, first);
    });
    return stages.block(between, second, [&](const std::string& normed) {
      return attention.transform(normed, second);
    });
  });
}

}  // namespace stationhit::exporter
