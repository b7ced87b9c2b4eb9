// EdgeConv in factorized form. With message.0.weight = [W1 | W2] the first linear layer is
//   W1 h_i + W2 (h_j - h_i) + b = p_i + q_j,   p = (W1 - W2) h + b,   q = W2 h:
// one product [p | q] per node in the place of one per edge. What follows depends on the
// aggregation:
//   one layer, max:         max_j act(p_i + q_j) = act(p_i + max_j q_j), because the activation is
//   monotone; one layer, mean or sum: sum_j act(p_i + q_j), no matrix product per edge; two layers,
//   mean or sum: the second layer commutes with the sum, its bias counts once per edge; two layers,
//   max:        the second layer stays per edge.
// Edge features add a term of every edge, W_e e_ij, before the activation.
#include <stationhit/architecture/numerical_constants.hpp>

#include "layers.hpp"
#include "linear.hpp"

namespace stationhit::models {
namespace {

using torch::Tensor;

class EdgeConvBlock : public Block {
 public:
  explicit EdgeConvBlock(const ModelConfig& config)
      : Block(config), convolution_(*this, config, config.width, config.width) {}

  Tensor transform(const Tensor& normed, const Context& context) override {
    return convolution_(normed, context);
  }

 private:
  EdgeConv convolution_;
};

}  // namespace

EdgeConv::EdgeConv(torch::nn::Module& owner, const ModelConfig& config, std::int64_t in,
                   std::int64_t out)
    : config_(config) {
  layers_.emplace_back(torch::nn::LinearOptions(2 * in, out));
  if (config.message_layers == 2) layers_.emplace_back(torch::nn::LinearOptions(out, out));
  torch::nn::ModuleList message;
  for (const auto& layer : layers_) message->push_back(layer);
  owner.register_module("message", message);
  if (config.edge_features.empty()) return;
  const auto n_features = static_cast<std::int64_t>(config.edge_features.size());
  edge_layer_ = owner.register_module(
      "edges", torch::nn::Linear(torch::nn::LinearOptions(n_features, out).bias(false)));
}

Tensor EdgeConv::operator()(const Tensor& values, const Context& context) const {
  Terms terms{own_and_other(values), {}};
  if (edge_layer_) terms.of_edges = torch::linear(context.edge_values, edge_layer_->weight);
  return config_.aggregation == Aggregation::max ? largest(terms, context.edges)
                                                 : sum_or_mean(terms, context.edges);
}

// [p | q] in one product.
Tensor EdgeConv::own_and_other(const Tensor& values) const {
  const auto halves = layers_[0]->weight.chunk(2, 1);
  const Tensor& bias = layers_[0]->bias;
  return apply_linear(values, torch::cat({halves[0] - halves[1], halves[1]}),
                      torch::cat({bias, torch::zeros_like(bias)}));
}

// Of the activation for negative arguments, where that is a straight line.
std::optional<double> EdgeConv::slope() const {
  if (config_.activation == Activation::relu) return 0.0;
  if (config_.activation == Activation::leaky_relu) return architecture::leaky_relu_slope;
  return std::nullopt;
}

// act(p_i + q_j + W_e e_ij)
Tensor EdgeConv::activated(const Tensor& sum, const Terms& terms) const {
  return activate(config_, terms.of_edges.defined() ? sum + terms.of_edges : sum);
}

Tensor EdgeConv::largest(const Terms& terms, const Edges& edges) const {
  const bool two = config_.message_layers == 2;
  if (!two && !terms.of_edges.defined()) return max_message(terms.joint, edges, *slope());
  const auto message = [&](const Tensor& sum) {
    const Tensor first = activated(sum, terms);
    return two ? torch::linear(first, layers_[1]->weight, layers_[1]->bias) : first;
  };
  return aggregate_messages(terms.joint, edges, message, Reduction::max);
}

Tensor EdgeConv::sum_or_mean(const Terms& terms, const Edges& edges) const {
  const bool mean = config_.aggregation == Aggregation::mean;
  const bool node_by_node = slope().has_value() && !terms.of_edges.defined();
  Tensor aggregated = node_by_node ? sum_message(terms.joint, edges, *slope(), mean)
                                   : edgewise_sum(terms, edges, mean);
  if (config_.message_layers == 1) return aggregated;
  const Tensor degree = edges.degree(terms.joint), bias_count = mean ? degree.clamp_max(1) : degree;
  return apply_linear(aggregated, layers_[1]->weight) + bias_count * layers_[1]->bias;
}

// For activations that are not piecewise linear, and with edge features.
Tensor EdgeConv::edgewise_sum(const Terms& terms, const Edges& edges, bool mean) const {
  const Tensor sum = aggregate_messages(
      terms.joint, edges, [&](const Tensor& values) { return activated(values, terms); },
      Reduction::sum);
  return mean ? sum / edges.degree(terms.joint).clamp_min(1) : sum;
}

std::shared_ptr<Block> make_edgeconv_block(const ModelConfig& config) {
  return std::make_shared<EdgeConvBlock>(config);
}

std::shared_ptr<Network> make_edgeconv(
    const ModelConfig& config, const std::vector<std::string>& feature_names,
    const std::optional<features::NormalizationConstants>& normalization) {
  return std::make_shared<BlockNetwork>(config, feature_names, normalization,
                                        [](const ModelConfig& of_block) -> std::shared_ptr<Layer> {
                                          return make_edgeconv_block(of_block);
                                        });
}

}  // namespace stationhit::models
