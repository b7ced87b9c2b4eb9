// Graph attention (GAT, first form). The scores of a head are a . W h, so their vectors are
// multiplied into W before it meets the nodes: one product gives the values and both scores of all
// heads.
#include "layers.hpp"
#include "linear.hpp"

namespace stationhit::models {
namespace {

using torch::Tensor;

class GraphAttentionBlock : public Block {
 public:
  explicit GraphAttentionBlock(const ModelConfig& config)
      : Block(config),
        weight_(register_parameter("weight", torch::empty({config.width, config.width}))),
        target_(register_parameter("target",
                                   torch::empty({config.heads, config.width / config.heads}))),
        source_(register_parameter("source",
                                   torch::empty({config.heads, config.width / config.heads}))),
        bias_(register_parameter("bias", torch::zeros({config.width}))) {
    const torch::NoGradGuard no_grad;
    for (auto* matrix : {&weight_, &target_, &source_}) torch::nn::init::xavier_uniform_(*matrix);
  }

  Tensor transform(const Tensor& normed, const Context& context) override {
    const std::int64_t width = config().width, heads = config().heads;
    const Tensor all =
        apply_linear(normed, torch::cat({weight_, score_weight(target_), score_weight(source_)}));
    const auto parts = all.split_with_sizes({width, heads, heads}, 1);
    return activate(config(),
                    attend_neighbors(parts[1], parts[2], parts[0], context.edges) + bias_);
  }

 private:
  // [H, D] -> rows [H, W] that give a . W h for each head.
  Tensor score_weight(const Tensor& vectors) const {
    return torch::bmm(
               vectors.unsqueeze(1),
               weight_.view({config().heads, config().width / config().heads, config().width}))
        .squeeze(1);
  }

  Tensor weight_, target_, source_, bias_;
};

std::shared_ptr<Layer> make_pair(const ModelConfig& config) {
  return std::make_shared<PairOfBlocks>("edgeconv", make_edgeconv_block(config), "attention",
                                        std::make_shared<GraphAttentionBlock>(config));
}

}  // namespace

std::shared_ptr<Network> make_edgeconv_gat(
    const ModelConfig& config, const std::vector<std::string>& feature_names,
    const std::optional<features::NormalizationConstants>& normalization) {
  return std::make_shared<BlockNetwork>(config, feature_names, normalization, make_pair);
}

}  // namespace stationhit::models
