// The baseline without edges: what a graph buys is the difference to it.
#include "layers.hpp"
#include "linear.hpp"

namespace stationhit::models {
namespace {

class MlpBlock : public Block {
 public:
  explicit MlpBlock(const ModelConfig& config)
      : Block(config),
        linear_(register_module("linear", torch::nn::Linear(config.width, config.width))) {}

  torch::Tensor transform(const torch::Tensor& normed, const Context& /*context*/) override {
    return activate(config(), apply_linear(linear_, normed));
  }

 private:
  torch::nn::Linear linear_;
};

}  // namespace

std::shared_ptr<Network> make_mlp(
    const ModelConfig& config, const std::vector<std::string>& feature_names,
    const std::optional<features::NormalizationConstants>& normalization) {
  return std::make_shared<BlockNetwork>(config, feature_names, normalization, make_layer<MlpBlock>);
}

}  // namespace stationhit::models
