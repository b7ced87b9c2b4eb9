// Networks: one logit per node of the graph.
//
// Shapes: N nodes (of one event or of several, one after the other), F features, k columns of the neighbour table, W = config.width, E = width of
// the encoded input (2 F |S| with the Fourier encoding, F without), act = config.activation.
//
// Definition of the input stage, in float32, every operation rounded by itself:
//   x' = (x - mean) * inv_std;  angle = x' * frequency_s with frequency_s = fl32(base^-s);
//   encoded = for s in scales, in the order of the config: sin(angle) of all features, cos(angle) of all features;
//   h = act(input(encoded)).
// mlp block:      h <- [h +] dropout(act(linear(n(h)))), n = layer norm if configured.
// edgeconv block: h <- [h +] dropout(aggregate over j in N(i) of message(i, j)); a node without neighbours aggregates to 0.
//   message with one linear layer:  act(message.0([h_i ; h_j - h_i]))
//   message with two linear layers: message.1(act(message.0([h_i ; h_j - h_i])))      (no activation after the second)
//   message.0.weight is [W, 2 W] = [W1 | W2], W1 acting on h_i and W2 on h_j - h_i.    (Wang et al., arXiv:1801.07829)
// head: linear layers with act between them; the last one has one output.
//
// Names of the tensors (checkpoints, exporter and Python rely on them):
//   buffers     normalization.mean, normalization.inv_std [F] (absent without normalisation); encoding.frequencies [|S|] (absent without encoding)
//   parameters  input.weight [W, E], input.bias; blocks.<l>.norm.{weight,bias}; blocks.<l>.linear.{weight,bias} (mlp);
//               blocks.<l>.message.{0,1}.{weight,bias} (edgeconv); head.<i>.{weight,bias}
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <torch/nn/module.h>
#include <torch/types.h>

#include <stationhit/features/normalization.hpp>
#include <stationhit/models/model_config.hpp>

namespace stationhit::models {

struct GraphTensors {
  torch::Tensor features;    // [N, F] float32, raw physical values
  torch::Tensor neighbours;  // [N, k] int32 or int64, rows into features, padded with -1
  // Draws the dropout masks; none = Torch's default generator.
  std::optional<at::Generator> dropout = std::nullopt;
};

// Slope of leaky_relu for negative arguments.
inline constexpr double leaky_relu_slope = 0.01;

class Network : public torch::nn::Module {
 public:
  // [N] logits, in the type of the weights.
  virtual torch::Tensor forward(const GraphTensors& graph) = 0;

  [[nodiscard]] const ModelConfig& config() const { return config_; }
  [[nodiscard]] const std::vector<std::string>& feature_names() const { return feature_names_; }

 protected:
  Network(ModelConfig config, std::vector<std::string> feature_names);

 private:
  ModelConfig config_;
  std::vector<std::string> feature_names_;
};

// Builds the network that config.architecture names. Initial weights are those of torch::nn::Linear, drawn from Torch's default generator: call
// torch::manual_seed before for a reproducible start. Throws ConfigError: unknown architecture (listing the known ones), see also check().
[[nodiscard]] std::shared_ptr<Network> build_network(const ModelConfig& config, std::vector<std::string> feature_names,
                                                     const std::optional<features::NormalizationConstants>& normalization);

// The names that build_network knows.
[[nodiscard]] std::vector<std::string> known_architectures();

}  // namespace stationhit::models
