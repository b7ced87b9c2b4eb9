#include "layers.hpp"

#include <cassert>

#include <stationhit/architecture/encoded_layout.hpp>
#include <stationhit/architecture/numerical_constants.hpp>
#include <stationhit/models/activations.hpp>

#include "linear.hpp"

namespace stationhit::models {
namespace {

using torch::Tensor;

// torch::dropout takes no generator.
Tensor drop(const Tensor& values, double probability,
            const std::optional<at::Generator>& generator) {
  const double kept = 1 - probability;
  return values * torch::empty_like(values).bernoulli_(kept, generator).div_(kept);
}

}  // namespace

Tensor activate(const ModelConfig& config, const Tensor& values) {
  switch (config.activation) {
    case Activation::leaky_relu:
      return torch::leaky_relu(values, architecture::leaky_relu_slope);
    case Activation::gelu:
      return torch::gelu(values);
    case Activation::silu:
      return torch::silu(values);
    case Activation::relu:
      break;
  }
  return torch::relu(values);
}

Block::Block(const ModelConfig& config, bool layer_norm) : config_(config) {
  if (layer_norm)
    norm_ = register_module(
        "norm", torch::nn::LayerNorm(
                    torch::nn::LayerNormOptions({config_.width}).eps(architecture::norm_epsilon)));
}

Tensor Block::forward(const Tensor& hidden, const Context& context) {
  const Tensor normed = norm_.is_empty() ? hidden : norm_->forward(hidden);
  Tensor change = transform(normed, context);
  if (is_training() && config_.dropout > 0)
    change = drop(change, config_.dropout, context.generator);
  return shown(*this, "", config_.residual ? hidden + change : change);
}

PairOfBlocks::PairOfBlocks(const std::string& first_name, std::shared_ptr<Block> first,
                           const std::string& second_name, std::shared_ptr<Block> second)
    : first_(register_module(first_name, std::move(first))),
      second_(register_module(second_name, std::move(second))) {}

Tensor PairOfBlocks::forward(const Tensor& hidden, const Context& context) {
  return second_->forward(first_->forward(hidden, context), context);
}

LayeredNetwork::LayeredNetwork(const ModelConfig& config,
                               const std::vector<std::string>& feature_names,
                               const std::optional<features::NormalizationConstants>& normalization)
    : Network(config, feature_names),
      input_stage_(*this, config.encoding, feature_names, normalization),
      edge_values_(config, feature_names) {}

void LayeredNetwork::add_layers(MakeLayer make_layer) {
  torch::nn::ModuleList blocks;
  for (std::int32_t i = 0; i < config().blocks; ++i) {
    layers_.push_back(make_layer(config()));
    blocks->push_back(layers_.back());
  }
  register_module("blocks", blocks);
}

void LayeredNetwork::add_head() {
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

Tensor LayeredNetwork::classify(Tensor hidden) {
  for (std::size_t i = 0; i + 1 < head_.size(); ++i)
    hidden = shown(*head_[i], "", activate(config(), apply_linear(head_[i], hidden)));
  return shown(*head_.back(), "", apply_linear(head_.back(), hidden)).squeeze(1);
}

Tensor LayeredNetwork::run_layers(Tensor hidden, const GraphTensors& /*graph*/,
                                  const Context& context) {
  for (const auto& layer : layers_) hidden = layer->forward(hidden, context);
  return hidden;
}

Tensor LayeredNetwork::forward(const GraphTensors& graph) {
  assert(graph.features.dim() == 2 &&
         graph.features.size(1) == static_cast<std::int64_t>(feature_names().size()));
  Context context{edges_of(graph, config().neighbors), nullptr, graph.dropout};
  const Tensor features = graph.features.to(head_.front()->weight.scalar_type());
  if (!edge_values_.empty())
    context.edge_values = edge_values_(input_stage_.numbers(features), context.edges);
  const Tensor encoded = shown(*this, "encoding", input_stage_(features));
  return classify(run_layers(embed(encoded, graph, context), graph, context));
}

BlockNetwork::BlockNetwork(const ModelConfig& config, const std::vector<std::string>& feature_names,
                           const std::optional<features::NormalizationConstants>& normalization,
                           MakeLayer make_layer)
    : LayeredNetwork(config, feature_names, normalization),
      input_(register_module(
          "input",
          torch::nn::Linear(architecture::encoded_layout(config.encoding, feature_names).width(),
                            config.width))) {
  add_layers(make_layer);
  add_head();
}

Tensor BlockNetwork::embed(const Tensor& encoded, const GraphTensors& /*graph*/,
                           const Context& /*context*/) {
  return shown(*input_, "", activate(config(), apply_linear(input_, encoded)));
}

}  // namespace stationhit::models
