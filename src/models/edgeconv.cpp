// EdgeConv in factorised form. With message.0.weight = [W1 | W2] the first linear layer is
//   W1 h_i + W2 (h_j - h_i) + b = p_i + q_j,   p = (W1 - W2) h + b,   q = W2 h:
// two products per node in the place of one per edge. What follows depends on the aggregation:
//   one layer, max:         max_j act(p_i + q_j) = act(p_i + max_j q_j), because the activation is monotone;
//   one layer, mean or sum: sum_j act(p_i + q_j), no matrix product per edge;
//   two layers, mean or sum: the second layer commutes with the sum, its bias counts once per edge;
//   two layers, max:        the second layer stays per edge.
#include <limits>

#include "layers.hpp"
#include "neighbour_ops.hpp"

namespace stationhit::models {
namespace {

using torch::Tensor;

class EdgeConvBlock : public Block {
 public:
  explicit EdgeConvBlock(const ModelConfig& config) : Block(config) {
    layers_.emplace_back(torch::nn::LinearOptions(2 * config.width, config.width));
    if (config.message_layers == 2) layers_.emplace_back(torch::nn::LinearOptions(config.width, config.width));
    torch::nn::ModuleList message;
    for (const auto& layer : layers_) message->push_back(layer);
    register_module("message", message);
  }

  Tensor transform(const Tensor& normed, const Tensor& neighbours) override {
    const Tensor& weight = layers_[0]->weight;
    const Tensor on_difference = weight.narrow(1, config().width, config().width);
    const Tensor own = torch::linear(normed, weight.narrow(1, 0, config().width) - on_difference, layers_[0]->bias);
    const Tensor other = torch::linear(normed, on_difference);
    if (config().aggregation == "max") return config().message_layers == 1 ? max_of_one(own, other, neighbours) : max_of_two(own, other, neighbours);
    return sum_or_mean(own, other, neighbours);
  }

 private:
  Tensor max_of_one(const Tensor& own, const Tensor& other, const Tensor& neighbours) const {
    // Every row is filled from the left, so that the first column tells whether a node has neighbours.
    const Tensor isolated = neighbours.narrow(1, 0, 1) < 0;
    return activate(config(), own + neighbour_max(other, neighbours)).masked_fill(isolated, 0);
  }

  // act(p_i + q_j): [N, k, W]; padded columns hold values without meaning.
  Tensor inner_messages(const Tensor& own, const Tensor& other, const Tensor& neighbours) const {
    return activate(config(), own.unsqueeze(1) + gather_neighbours(other, neighbours));
  }

  Tensor max_of_two(const Tensor& own, const Tensor& other, const Tensor& neighbours) {
    const Tensor padded = (neighbours < 0).unsqueeze(2);
    const Tensor messages = layers_[1]->forward(inner_messages(own, other, neighbours)).masked_fill(padded, -std::numeric_limits<double>::infinity());
    return std::get<0>(messages.max(1)).masked_fill(padded.select(1, 0), 0);
  }

  Tensor sum_or_mean(const Tensor& own, const Tensor& other, const Tensor& neighbours) {
    const Tensor padded = (neighbours < 0).unsqueeze(2);
    const Tensor degree = (neighbours >= 0).sum(1, /*keepdim=*/true).to(own.scalar_type());
    const Tensor sum = inner_messages(own, other, neighbours).masked_fill(padded, 0).sum(1);
    const bool mean = config().aggregation == "mean";
    const Tensor aggregated = mean ? sum / degree.clamp_min(1) : sum;
    if (config().message_layers == 1) return aggregated;
    const Tensor bias_count = mean ? degree.clamp_max(1) : degree;
    return torch::linear(aggregated, layers_[1]->weight) + bias_count * layers_[1]->bias;
  }

  std::vector<torch::nn::Linear> layers_;
};

}  // namespace

std::shared_ptr<Block> make_edgeconv_block(const ModelConfig& config) { return std::make_shared<EdgeConvBlock>(config); }

}  // namespace stationhit::models
