#include "layers.hpp"

#include <cassert>
#include <cmath>

#include <stationhit/models/cost.hpp>

#include "encode.hpp"
#include "neighbour_ops.hpp"

namespace stationhit::models {
namespace {

using torch::Tensor;

// Buffers stay single precision constants, whatever the precision of the weights, until Module::to changes them.
Tensor buffer(const std::vector<float>& values) { return torch::tensor(values, torch::kFloat); }

Tensor frequencies(const EncodingConfig& encoding) {
  std::vector<float> values;
  for (const auto scale : encoding.scales) values.push_back(static_cast<float>(std::pow(encoding.base, -scale)));
  return buffer(values);
}

// torch::dropout takes no generator.
Tensor drop(const Tensor& values, double probability, const std::optional<at::Generator>& generator) {
  const double kept = 1 - probability;
  return values * torch::empty_like(values).bernoulli_(kept, generator).div_(kept);
}

// One module named `name` that holds the given buffers, as checkpoints name them.
std::shared_ptr<torch::nn::Module> buffer_holder(const std::string& name) { return std::make_shared<torch::nn::Module>(name); }

}  // namespace

Tensor activate(const ModelConfig& config, const Tensor& values) {
  if (config.activation == "leaky_relu") return torch::leaky_relu(values, leaky_relu_slope);
  if (config.activation == "gelu") return torch::gelu(values);
  if (config.activation == "silu") return torch::silu(values);
  assert(config.activation == "relu");
  return torch::relu(values);
}

Block::Block(const ModelConfig& config) : config_(config) {
  if (config_.layer_norm) norm_ = register_module("norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({config_.width})));
}

Tensor Block::forward(const Tensor& hidden, const Tensor& neighbours, const std::optional<at::Generator>& dropout) {
  const Tensor normed = norm_.is_empty() ? hidden : norm_->forward(hidden);
  Tensor change = transform(normed, neighbours);
  if (is_training() && config_.dropout > 0) change = drop(change, config_.dropout, dropout);
  return config_.residual ? hidden + change : change;
}

BlockNetwork::BlockNetwork(const ModelConfig& config, const std::vector<std::string>& feature_names,
                           const std::optional<features::NormalizationConstants>& normalization, const MakeBlock& make_block)
    : Network(config, feature_names) {
  add_input(normalization);
  torch::nn::ModuleList blocks;
  for (std::int32_t i = 0; i < config.blocks; ++i) {
    blocks_.push_back(make_block(config));
    blocks->push_back(blocks_.back());
  }
  register_module("blocks", blocks);
  add_head();
}

void BlockNetwork::add_input(const std::optional<features::NormalizationConstants>& normalization) {
  if (normalization) {
    assert(normalization->mean.size() == feature_names().size() && normalization->inv_std.size() == feature_names().size());
    const auto holder = register_module("normalization", buffer_holder("normalization"));
    mean_ = holder->register_buffer("mean", buffer(normalization->mean));
    inv_std_ = holder->register_buffer("inv_std", buffer(normalization->inv_std));
  }
  if (config().encoding.type == "fourier") {
    const auto holder = register_module("encoding", buffer_holder("encoding"));
    frequencies_ = holder->register_buffer("frequencies", frequencies(config().encoding));
  }
  const auto width = encoded_width(config().encoding, static_cast<std::int64_t>(feature_names().size()));
  input_ = register_module("input", torch::nn::Linear(width, config().width));
}

void BlockNetwork::add_head() {
  torch::nn::ModuleList head;
  std::int64_t in = config().width;
  for (const auto width : config().head) {
    head_.emplace_back(torch::nn::LinearOptions(in, width));
    in = width;
  }
  head_.emplace_back(torch::nn::LinearOptions(in, 1));
  for (const auto& layer : head_) head->push_back(layer);
  register_module("head", head);
}

Tensor BlockNetwork::embed(const Tensor& features) {
  const Tensor values = features.to(input_->weight.scalar_type());
  return activate(config(), input_->forward(encode({mean_, inv_std_, frequencies_}, values)));
}

Tensor BlockNetwork::classify(Tensor hidden) {
  for (std::size_t i = 0; i + 1 < head_.size(); ++i) hidden = activate(config(), head_[i]->forward(hidden));
  return head_.back()->forward(hidden).squeeze(1);
}

Tensor BlockNetwork::forward(const GraphTensors& graph) {
  assert(graph.features.dim() == 2 && graph.features.size(1) == static_cast<std::int64_t>(feature_names().size()));
  const Tensor neighbours = as_neighbour_table(graph.neighbours, graph.features.size(0));
  Tensor hidden = embed(graph.features);
  for (const auto& block : blocks_) hidden = block->forward(hidden, neighbours, graph.dropout);
  return classify(hidden);
}

}  // namespace stationhit::models
