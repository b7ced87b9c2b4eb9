// Multi-headed EdgeConv by bands of scales, then pre-norm self-attention inside the groups.
#include <cassert>

#include <stationhit/architecture/encoded_layout.hpp>
#include <stationhit/models/activations.hpp>

#include "layers.hpp"
#include "linear.hpp"

namespace stationhit::models {
namespace {

using torch::Tensor;

class SelfAttentionBlock : public Block {
 public:
  explicit SelfAttentionBlock(const ModelConfig& config)
      : Block(config, /*layer_norm=*/true),
        in_(register_module("in", torch::nn::Linear(config.width, 3 * config.width))),
        out_(register_module("out", torch::nn::Linear(config.width, config.width))) {}

  // The groups are sorted: so are the nodes.
  Tensor transform(const Tensor& normed, const Context& context) override {
    return apply_linear(out_, context.groups->attend(apply_linear(in_, normed), config().heads));
  }

 private:
  torch::nn::Linear in_, out_;
};

class FeedForwardBlock : public Block {
 public:
  explicit FeedForwardBlock(const ModelConfig& config)
      : Block(config, /*layer_norm=*/true),
        in_(register_module("in", torch::nn::Linear(config.width, config.feed_forward))),
        out_(register_module("out", torch::nn::Linear(config.feed_forward, config.width))) {}

  Tensor transform(const Tensor& normed, const Context& /*context*/) override {
    return apply_linear(out_, activate(config(), apply_linear(in_, normed)));
  }

 private:
  torch::nn::Linear in_, out_;
};

std::shared_ptr<Layer> make_attention_layer(const ModelConfig& config) {
  return std::make_shared<PairOfBlocks>("attention", std::make_shared<SelfAttentionBlock>(config),
                                        "feed_forward", std::make_shared<FeedForwardBlock>(config));
}

// The EdgeConv of one band of scales.
class Band : public torch::nn::Module {
 public:
  Band(const ModelConfig& config, std::int64_t in, std::int64_t out)
      : convolution(*this, config, in, out) {}
  EdgeConv convolution;
};

class AttentionNetwork : public LayeredNetwork {
 public:
  AttentionNetwork(const ModelConfig& config, const std::vector<std::string>& feature_names,
                   const std::optional<features::NormalizationConstants>& normalization)
      : LayeredNetwork(config, feature_names, normalization) {
    add_bands(architecture::encoded_layout(config.encoding, feature_names));
    add_layers(make_attention_layer);
    add_head();
  }

 private:
  void add_bands(const architecture::EncodedLayout& layout) {
    discrete_columns_ = layout.discrete;
    band_columns_ = architecture::band_columns(config(), layout);
    torch::nn::ModuleList bands;
    for (const auto columns : band_columns_) {
      bands_.push_back(std::make_shared<Band>(config(), columns + layout.discrete,
                                              config().width / config().bands));
      bands->push_back(bands_.back());
    }
    register_module("bands", bands);
  }

  Tensor embed(const Tensor& encoded, const GraphTensors& /*graph*/,
               const Context& context) override {
    auto columns = band_columns_;
    columns.push_back(discrete_columns_);
    const auto parts = encoded.split_with_sizes(columns, 1);
    std::vector<Tensor> outputs;
    for (std::size_t i = 0; i < bands_.size(); ++i) {
      const Tensor input =
          discrete_columns_ > 0 ? torch::cat({parts[i], parts.back()}, 1) : parts[i];
      outputs.push_back(shown(*bands_[i], "", bands_[i]->convolution(input, context)));
    }
    return torch::cat(outputs, 1);
  }

  Tensor run_layers(Tensor hidden, const GraphTensors& graph, const Context& context) override {
    assert(graph.offsets.defined() && graph.offsets[-1].item<std::int64_t>() == hidden.size(0));
    const GroupsBySize groups(graph.offsets, hidden.device());
    const Context with_groups{context.edges, &groups, context.generator};
    return groups.restored(LayeredNetwork::run_layers(groups.sorted(hidden), graph, with_groups));
  }

  std::vector<std::int64_t> band_columns_;
  std::int64_t discrete_columns_ = 0;
  std::vector<std::shared_ptr<Band>> bands_;
};

}  // namespace

std::shared_ptr<Network> make_edgeconv_attention(
    const ModelConfig& config, const std::vector<std::string>& feature_names,
    const std::optional<features::NormalizationConstants>& normalization) {
  return std::make_shared<AttentionNetwork>(config, feature_names, normalization);
}

}  // namespace stationhit::models
