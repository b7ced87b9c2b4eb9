// The stages that networks share: input stage, head, and a network that is a row of equal blocks between them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <torch/torch.h>

#include <stationhit/models/network.hpp>

namespace stationhit::models {

[[nodiscard]] torch::Tensor activate(const ModelConfig& config, const torch::Tensor& values);

// What happens between the layer norm and the residual sum of a block; its linear layers are its submodules.
class Block : public torch::nn::Module {
 public:
  // normed: [N, W]; neighbours: [N, k] int32 -> [N, W].
  virtual torch::Tensor transform(const torch::Tensor& normed, const torch::Tensor& neighbours) = 0;
  // The whole block: h <- [h +] dropout(transform(norm(h))).
  torch::Tensor forward(const torch::Tensor& hidden, const torch::Tensor& neighbours, const std::optional<at::Generator>& dropout);

 protected:
  explicit Block(const ModelConfig& config);
  [[nodiscard]] const ModelConfig& config() const { return config_; }

 private:
  ModelConfig config_;
  torch::nn::LayerNorm norm_{nullptr};  // null without layer norm
};

// Input stage, config.blocks blocks, head.
class BlockNetwork : public Network {
 public:
  using MakeBlock = std::function<std::shared_ptr<Block>(const ModelConfig&)>;
  BlockNetwork(const ModelConfig& config, const std::vector<std::string>& feature_names,
               const std::optional<features::NormalizationConstants>& normalization, const MakeBlock& make_block);

  torch::Tensor forward(const GraphTensors& graph) override;

 private:
  void add_input(const std::optional<features::NormalizationConstants>& normalization);
  void add_head();
  [[nodiscard]] torch::Tensor embed(const torch::Tensor& features);
  [[nodiscard]] torch::Tensor classify(torch::Tensor hidden);

  torch::Tensor mean_, inv_std_;  // [F], undefined without normalisation
  torch::Tensor frequencies_;     // [|S|], undefined without encoding
  torch::nn::Linear input_{nullptr};
  std::vector<std::shared_ptr<Block>> blocks_;
  std::vector<torch::nn::Linear> head_;
};

// One line of the registry each.
[[nodiscard]] std::shared_ptr<Block> make_mlp_block(const ModelConfig& config);
[[nodiscard]] std::shared_ptr<Block> make_edgeconv_block(const ModelConfig& config);

}  // namespace stationhit::models
