// EdgeConv in factorized form: with message.0.weight = [W1 | W2] the first linear layer of a
// message is p_i + q_j, p = (W1 - W2) h + b, q = W2 h. Products are per node; only q travels along
// edges, by a Gather of rows. In full groups the maximum over j is the same for all nodes of a
// group.
#include "edgeconv_writer.hpp"

namespace stationhit::exporter {

std::string EdgeConvWriter::transform(const std::string& values, const std::string& name) {
  const auto& shape = stages_.weights().at(name + ".message.0.weight").shape;
  Layer layer{name, shape[1] / 2, shape[0], {}, {}};
  layer.own = own_part(values, layer);
  layer.other = other_part(values, layer);
  const bool two = config().message_layers == 2;
  if (config().aggregation == Aggregation::max) return two ? max_of_two(layer) : max_of_one(layer);
  const std::string sum = sum_or_mean(layer);
  return two ? second_layer(sum, layer) : sum;
}

// Columns [first, first + in) of message.0.weight.
std::vector<float> EdgeConvWriter::half(const Layer& layer, std::int64_t first) const {
  const Tensor& weight = stages_.weights().at(layer.name + ".message.0.weight");
  std::vector<float> values;
  for (std::int64_t row = 0; row < layer.out; ++row) {
    const auto begin = weight.values.begin() + row * 2 * layer.in + first;
    values.insert(values.end(), begin, begin + layer.in);
  }
  return values;
}

// p = (W1 - W2) h + b
std::string EdgeConvWriter::own_part(const std::string& values, const Layer& layer) {
  std::vector<float> weight = half(layer, 0);
  const std::vector<float> on_difference = half(layer, layer.in);
  for (std::size_t i = 0; i < weight.size(); ++i) weight[i] -= on_difference[i];
  const std::string constant = graph_.constant(
      layer.name + ".message.0.own", std::span<const float>(weight), {layer.out, layer.in});
  return graph_.node("Gemm", {values, constant, stages_.constant(layer.name + ".message.0.bias")},
                     {{"transB", std::int64_t{1}}});
}

// q = W2 h
std::string EdgeConvWriter::other_part(const std::string& values, const Layer& layer) {
  const std::vector<float> weight = half(layer, layer.in);
  const std::string constant = graph_.constant(
      layer.name + ".message.0.other", std::span<const float>(weight), {layer.out, layer.in});
  return graph_.node("Gemm", {values, constant}, {{"transB", std::int64_t{1}}});
}

// [N + 1, W] -> [N, W]
std::string EdgeConvWriter::max_of_columns(const std::string& padded) {
  std::string best;
  for (const std::string& column : inputs_.columns()) {
    const std::string rows = graph_.node("Gather", {padded, column}, {{"axis", std::int64_t{0}}});
    best = best.empty() ? rows : graph_.node("Max", {best, rows});
  }
  return best;
}

// max_j act(p_i + q_j) = act(p_i + max_j q_j): the activation is monotone. relu turns what a row
// without neighbors gives into 0 by itself.
std::string EdgeConvWriter::max_of_one(const Layer& layer) {
  const std::string padded = inputs_.with_padding(layer.other, layer.out, below_everything);
  const auto largest = [&](const std::string& values) {
    return graph_.node("ReduceMax", {values, graph_.indices({1})}, {{"keepdims", std::int64_t{0}}});
  };
  const std::string best =
      !inputs_.has_table()
          ? inputs_.map_groups([&](const auto& of_size) { return largest(of_size.spread(padded)); })
      : inputs_.by_columns() ? max_of_columns(padded)
                             : largest(graph_.node("Gather", {padded, inputs_.neighbors()},
                                                   {{"axis", std::int64_t{0}}}));
  const std::string message = stages_.activate(graph_.node("Add", {layer.own, best}));
  if (!inputs_.has_table() || config().activation == Activation::relu) return message;
  return graph_.node("Where", {inputs_.has_neighbors(), message, graph_.scalar(0.0F)});
}

// act(p_i + q_j): [N, k, W]; without meaning where there is no neighbor.
std::string EdgeConvWriter::table_messages(const Layer& layer) {
  const std::string other = inputs_.with_padding(layer.other, layer.out, 0);
  const std::string rows =
      graph_.node("Gather", {other, inputs_.neighbors()}, {{"axis", std::int64_t{0}}});
  return stages_.activate(
      graph_.node("Add", {graph_.node("Unsqueeze", {layer.own, graph_.indices({1})}), rows}));
}

// Messages of all pairs of nodes of full groups, [B, M, M, W], reduced by `reduce` to [B, M, W] and
// returned as [N, W].
std::string EdgeConvWriter::reduced_group_messages(const Layer& layer, const Reduce& reduce) {
  const std::string own = inputs_.with_padding(layer.own, layer.out, 0),
                    other = inputs_.with_padding(layer.other, layer.out, 0);
  return inputs_.map_slots(layer.out, [&](const GraphInputs::SizeClass& of_size) {
    const std::string messages = stages_.activate(graph_.node(
        "Add", {graph_.node("Unsqueeze", {of_size.spread(own), graph_.indices({2})}),
                graph_.node("Unsqueeze", {of_size.spread(other), graph_.indices({1})})}));
    return reduce(of_size, messages);
  });
}

// The second layer stays per edge; its bias leaves the maximum.
std::string EdgeConvWriter::max_of_two(const Layer& layer) {
  const std::string weight = second_weight_transposed(layer),
                    bias = stages_.constant(layer.name + ".message.1.bias");
  const auto largest = [&](const std::string& messages, const std::string& exists,
                           std::int64_t axis) {
    const std::string of_edges = graph_.node(
        "Where",
        {exists, graph_.node("MatMul", {messages, weight}), graph_.scalar(below_everything)});
    return graph_.node("ReduceMax", {of_edges, graph_.indices({axis})},
                       {{"keepdims", std::int64_t{0}}});
  };
  if (!inputs_.has_table()) {
    const std::string best =
        reduced_group_messages(layer, [&](const auto& of_size, const std::string& messages) {
          return largest(messages,
                         graph_.node("Unsqueeze", {of_size.exists(), graph_.indices({1, 3})}), 2);
        });
    return graph_.node("Add", {best, bias});
  }
  const std::string best =
      largest(table_messages(layer),
              graph_.node("Unsqueeze", {inputs_.edge_exists(), graph_.indices({2})}), 1);
  return graph_.node(
      "Where", {inputs_.has_neighbors(), graph_.node("Add", {best, bias}), graph_.scalar(0.0F)});
}

std::string EdgeConvWriter::second_weight_transposed(const Layer& layer) {
  const Tensor& weight = stages_.weights().at(layer.name + ".message.1.weight");
  std::vector<float> transposed(weight.values.size());
  for (std::int64_t row = 0; row < layer.out; ++row) {
    for (std::int64_t column = 0; column < layer.out; ++column)
      transposed[column * layer.out + row] = weight.values[row * layer.out + column];
  }
  return graph_.constant(layer.name + ".message.1.weight_transposed",
                         std::span<const float>(transposed), {layer.out, layer.out});
}

std::string EdgeConvWriter::sum_or_mean(const Layer& layer) {
  const std::string sum = inputs_.by_columns() ? sum_of_columns(layer) : sum_of_messages(layer);
  if (config().aggregation != Aggregation::mean) return sum;
  return graph_.node(
      "Div", {sum, inputs_.has_table() ? graph_.node("Max", {inputs_.degree(), graph_.scalar(1.0F)})
                                       : inputs_.degree()});
}

// The padding row makes relu give 0; other activations are masked.
std::string EdgeConvWriter::sum_of_columns(const Layer& layer) {
  const bool relu = config().activation == Activation::relu;
  const std::string padded =
      inputs_.with_padding(layer.other, layer.out, relu ? below_everything : 0);
  std::string sum;
  std::int64_t i = 0;
  for (const std::string& column : inputs_.columns()) {
    const std::string rows = graph_.node("Gather", {padded, column}, {{"axis", std::int64_t{0}}});
    std::string message = stages_.activate(graph_.node("Add", {layer.own, rows}));
    if (!relu) {
      const std::string weight = graph_.node(
          "Gather", {inputs_.edge_weight(), graph_.indices({i++})}, {{"axis", std::int64_t{1}}});
      message = graph_.node("Mul", {message, weight});
    }
    sum = sum.empty() ? message : graph_.node("Add", {sum, message});
  }
  return sum;
}

// A product with the row of weights masks and sums in one step.
std::string EdgeConvWriter::sum_of_messages(const Layer& layer) {
  if (inputs_.has_table()) {
    const std::string weight =
        graph_.node("Unsqueeze", {inputs_.edge_weight(), graph_.indices({1})});
    return graph_.node(
        "Squeeze", {graph_.node("MatMul", {weight, table_messages(layer)}), graph_.indices({1})});
  }
  return reduced_group_messages(layer, [&](const auto& of_size, const std::string& messages) {
    return graph_.node(
        "MatMul", {graph_.node("Unsqueeze", {of_size.weight(), graph_.indices({1, 2})}), messages});
  });
}

// Commutes with the sum; its bias counts once per edge (mean: once if there is an edge).
std::string EdgeConvWriter::second_layer(const std::string& aggregated, const Layer& layer) {
  const std::string product =
      graph_.node("Gemm", {aggregated, stages_.constant(layer.name + ".message.1.weight")},
                  {{"transB", std::int64_t{1}}});
  const std::string count = config().aggregation == Aggregation::mean
                                ? graph_.node("Min", {inputs_.degree(), graph_.scalar(1.0F)})
                                : inputs_.degree();
  return graph_.node(
      "Add",
      {product, graph_.node("Mul", {count, stages_.constant(layer.name + ".message.1.bias")})});
}

std::string edgeconv_network(Stages& stages) {
  EdgeConvWriter writer(stages);
  return stages.blocks(stages.embed(), [&](const std::string& hidden, const std::string& name) {
    return stages.block(hidden, name,
                        [&](const std::string& normed) { return writer.transform(normed, name); });
  });
}

}  // namespace stationhit::exporter
