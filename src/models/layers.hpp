// The stages that networks share: input stage, blocks with their residual sum, head.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <torch/torch.h>

#include <stationhit/architecture/network_list.hpp>
#include <stationhit/models/network.hpp>

#include "edge_values.hpp"
#include "encode.hpp"
#include "groups.hpp"
#include "neighbor_ops.hpp"
#include "station_map.hpp"

namespace stationhit::models {

using architecture::Activation;
using architecture::Aggregation;
using architecture::ModelConfig;

[[nodiscard]] torch::Tensor activate(const ModelConfig& config, const torch::Tensor& values);

// What layers know besides the values of the nodes.
struct Context {
  Edges edges;
  const GroupsBySize* groups = nullptr;    // of networks with self-attention
  std::optional<at::Generator> generator;  // of dropout masks; none = Torch's default
  torch::Tensor edge_values = {};          // [N, k, E] of networks with edge features
  const MapPlaces* places = nullptr;       // of networks with maps of the station layers
};

// [N, W] -> [N, W]
class Layer : public torch::nn::Module {
 public:
  virtual torch::Tensor forward(const torch::Tensor& hidden, const Context& context) = 0;
};

// h <- [h +] dropout(transform(norm(h))). The linear layers of the transform are submodules.
class Block : public Layer {
 public:
  // normed: [N, W] -> [N, W]
  virtual torch::Tensor transform(const torch::Tensor& normed, const Context& context) = 0;
  torch::Tensor forward(const torch::Tensor& hidden, const Context& context) override;

 protected:
  Block(const ModelConfig& config, bool layer_norm);
  explicit Block(const ModelConfig& config) : Block(config, config.layer_norm) {}
  [[nodiscard]] const ModelConfig& config() const { return config_; }

 private:
  ModelConfig config_;
  torch::nn::LayerNorm norm_{nullptr};  // null without layer norm
};

// Two blocks, one after the other.
class PairOfBlocks : public Layer {
 public:
  PairOfBlocks(const std::string& first_name, std::shared_ptr<Block> first,
               const std::string& second_name, std::shared_ptr<Block> second);
  torch::Tensor forward(const torch::Tensor& hidden, const Context& context) override;

 private:
  std::shared_ptr<Block> first_, second_;
};

// Input stage, [N, E] -> [N, W], config.blocks layers, head.
class LayeredNetwork : public Network {
 public:
  torch::Tensor forward(const GraphTensors& graph) override;

 protected:
  using MakeLayer = std::shared_ptr<Layer> (*)(const ModelConfig&);
  LayeredNetwork(const ModelConfig& config, const std::vector<std::string>& feature_names,
                 const std::optional<features::NormalizationConstants>& normalization);
  void add_layers(MakeLayer make_layer);
  void add_head();

  // The first hidden values. encoded: [N, E] -> [N, W]
  virtual torch::Tensor embed(const torch::Tensor& encoded, const GraphTensors& graph,
                              const Context& context) = 0;
  // Layers one after the other.
  virtual torch::Tensor run_layers(torch::Tensor hidden, const GraphTensors& graph,
                                   const Context& context);
  [[nodiscard]] const std::vector<std::shared_ptr<Layer>>& layers() const { return layers_; }

 private:
  [[nodiscard]] torch::Tensor classify(torch::Tensor hidden);

  InputStage input_stage_;
  EdgeValues edge_values_;
  std::vector<std::shared_ptr<Layer>> layers_;
  std::vector<torch::nn::Linear> head_;
};

template <class OfBlock>
std::shared_ptr<Layer> make_layer(const ModelConfig& config) {
  return std::make_shared<OfBlock>(config);
}

// Starts with one linear layer and the activation.
class BlockNetwork : public LayeredNetwork {
 public:
  BlockNetwork(const ModelConfig& config, const std::vector<std::string>& feature_names,
               const std::optional<features::NormalizationConstants>& normalization,
               MakeLayer make_layer);

 private:
  torch::Tensor embed(const torch::Tensor& encoded, const GraphTensors& graph,
                      const Context& context) override;

  torch::nn::Linear input_;
};

// The EdgeConv layer: phi([h_i ; h_j - h_i]) aggregated over the neighbors. A module "message" of
// `owner` gets its linear layers, a module "edges" that of the edge features.
class EdgeConv {
 public:
  EdgeConv(torch::nn::Module& owner, const ModelConfig& config, std::int64_t in, std::int64_t out);
  // [N, in] -> [N, out]
  [[nodiscard]] torch::Tensor operator()(const torch::Tensor& values, const Context& context) const;

 private:
  // [p | q] of the nodes and what the edge features add, [N, k, out] or undefined.
  struct Terms {
    torch::Tensor joint, of_edges;
  };
  [[nodiscard]] std::optional<double> slope() const;
  [[nodiscard]] torch::Tensor own_and_other(const torch::Tensor& values) const;
  [[nodiscard]] torch::Tensor activated(const torch::Tensor& sum, const Terms& terms) const;
  [[nodiscard]] torch::Tensor largest(const Terms& terms, const Edges& edges) const;
  [[nodiscard]] torch::Tensor sum_or_mean(const Terms& terms, const Edges& edges) const;
  [[nodiscard]] torch::Tensor edgewise_sum(const Terms& terms, const Edges& edges, bool mean) const;

  ModelConfig config_;
  std::vector<torch::nn::Linear> layers_;
  torch::nn::Linear edge_layer_{nullptr};  // of the edge features
};

[[nodiscard]] std::shared_ptr<Block> make_edgeconv_block(const ModelConfig& config);

// make_<name> of every network of network_list.hpp, defined in <name>.cpp.
#define STATIONHIT_DECLARE_NETWORK(name)                                        \
  [[nodiscard]] std::shared_ptr<Network> make_##name(                           \
      const ModelConfig& config, const std::vector<std::string>& feature_names, \
      const std::optional<features::NormalizationConstants>& normalization);
STATIONHIT_FOR_EACH_NETWORK(STATIONHIT_DECLARE_NETWORK)
#undef STATIONHIT_DECLARE_NETWORK

}  // namespace stationhit::models
