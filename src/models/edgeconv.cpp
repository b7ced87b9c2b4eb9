// EdgeConv in factorized form. With message.0.weight = [W1 | W2] the first linear layer is
//   W1 h_i + W2 (h_j - h_i) + b = p_i + q_j,   p = (W1 - W2) h + b,   q = W2 h:
// one product [p | q] per node in the place of one per edge. What follows depends on the
// aggregation:
//   one layer, max:         max_j act(p_i + q_j) = act(p_i + max_j q_j), because the activation is
//   monotone; one layer, mean or sum: sum_j act(p_i + q_j), no matrix product per edge; two layers,
//   mean or sum: the second layer commutes with the sum, its bias counts once per edge; two layers,
//   max:        the second layer stays per edge.
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
    return convolution_(normed, context.edges);
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
}

Tensor EdgeConv::operator()(const Tensor& values, const Edges& edges) const {
  const Tensor joint = own_and_other(values);
  if (config_.aggregation != Aggregation::max) return sum_or_mean(joint, edges);
  return config_.message_layers == 1 ? max_message(joint, edges, *slope())
                                     : max_of_two(joint, edges);
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

Tensor EdgeConv::max_of_two(const Tensor& joint, const Edges& edges) const {
  const auto message = [&](const Tensor& sum) {
    return torch::linear(activate(config_, sum), layers_[1]->weight, layers_[1]->bias);
  };
  return aggregate_messages(joint, edges, message, Reduction::max);
}

Tensor EdgeConv::sum_or_mean(const Tensor& joint, const Edges& edges) const {
  const bool mean = config_.aggregation == Aggregation::mean;
  const Tensor aggregated =
      slope() ? sum_message(joint, edges, *slope(), mean) : smooth_sum(joint, edges, mean);
  if (config_.message_layers == 1) return aggregated;
  const Tensor degree = edges.degree(joint), bias_count = mean ? degree.clamp_max(1) : degree;
  return apply_linear(aggregated, layers_[1]->weight) + bias_count * layers_[1]->bias;
}

// The same for activations that are not piecewise linear.
Tensor EdgeConv::smooth_sum(const Tensor& joint, const Edges& edges, bool mean) const {
  const Tensor sum = aggregate_messages(
      joint, edges, [&](const Tensor& values) { return activate(config_, values); },
      Reduction::sum);
  return mean ? sum / edges.degree(joint).clamp_min(1) : sum;
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
