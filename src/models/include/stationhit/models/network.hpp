// Networks: one logit per node of the graph.
//
// Shapes: N nodes (of one event or of several, one after the other), F features, C of them
// continuous (all unless encoding.discrete is one_hot or embedding), k columns of the neighbor
// table, W = config.width, H = config.heads, E = width of the encoded input, act =
// config.activation, n = layer norm where config.layer_norm asks for it, [h +] with config.residual
// only.
//
// Input stage, in float32, every operation rounded by itself: x' = (x - mean) * inv_std, with
// config.encoding.limit cut at +- the limit, then encoded =
//   fourier: for s in scales, in the order of the config: sin(angle) of all features, cos(angle) of
//   all features;
//            angle = x' * frequency_s with frequency_s = fl32(base^-s);
//   learned: the same with a trained frequency for every scale and feature, at first fl32(base^-s);
//   hybrid:  x' of all features, then what learned gives;
//   linear:  a trained linear map C -> 2 C |S|;
//   none:    x';
// and behind it, for every feature that is taken as discrete, a one-hot or trained vector of its
// code (the last one for unknown codes). Networks, h = act(input(encoded)) at first:
//   mlp block:      h <- [h +] dropout(act(linear(n(h)))).
//   edgeconv block: h <- [h +] dropout(EdgeConv(n(h))).
//   edgeconv_gat block: an edgeconv block, then h <- [h +] dropout(act(GAT(n(h)))).
//   edgeconv_attention: the scales are divided into config.bands bands; h is at first the outputs
//   of one EdgeConv per band beside each other, each of
//     W / bands values from the columns of its scales (and the discrete ones); then in every block
//     h <- [h +] dropout(out(A(in(norm(h))))) with A scaled dot product attention of H heads inside
//     each group (bucket), and h <- [h +] dropout(out(act(in(norm(h))))) with config.feed_forward
//     hidden values; norm is always there.
//   two_stage: a network "first_stage" of its own gives first_i; only nodes with first_i >
//   first_stage_threshold go on, with the neighbors among them. Here h is at first
//   act(input([encoded ; first_i])); every block is an edgeconv block "edgeconv" and h <- [h +]
//   dropout(map(norm(h))), station_map.hpp; an edgeconv block "last" follows. two_stage.cpp says
//   what the others get.
// EdgeConv (Wang et al., arXiv:1801.07829): aggregate over j in N(i) of message(i, j); a node
// without neighbors aggregates to 0.
//   message with one linear layer:  act(message.0([h_i ; h_j - h_i]))
//   message with two linear layers: message.1(act(message.0([h_i ; h_j - h_i])))      (no
//   activation after the second) message.0.weight is [W1 | W2], W1 acting on h_i and W2 on h_j -
//   h_i. With config.edge_features, edges.weight e_ij is added to what message.0 gives; for every
//   edge feature e_ij = sign(d) log(1 + |d|) / 4 with d = 100 (x'_j - x'_i). They need a table.
// GAT (Velickovic et al., arXiv:1710.10903): v = weight h; head h of node i is the mean of v_j over
// j in N(i) and i itself with the weights
//   softmax_j leaky_relu_0.2(target . v_i + source . v_j); heads beside each other, plus bias.
// head: linear layers with act between them; the last one has one output.
//
// Names of the tensors (checkpoints, exporter and Python rely on them):
//   buffers     normalization.mean, normalization.inv_std [C] (absent without normalization);
//   encoding.frequencies [|S|] (fourier) parameters  encoding.frequencies [|S|, C] (learned,
//   hybrid); encoding.{weight,bias} (linear); encoding.<feature> [codes + 1, width] (embedding);
//               input.{weight [W, E], bias}; head.<i>.{weight, bias};
//               blocks.<l>.norm.{weight, bias}; blocks.<l>.linear.{weight, bias} (mlp);
//               blocks.<l>.message.{0,1}.{weight, bias} (edgeconv), beside each of them
//               edges.weight [out, edge features] where there are edge features;
//               blocks.<l>.edgeconv.{norm, message...} and blocks.<l>.attention.{norm..., weight
//               [W, W], target, source [H, W / H], bias} (edgeconv_gat);
//               bands.<b>.message.{0,1}.{weight, bias}, blocks.<l>.attention.{norm, in [3 W, W],
//               out}.{weight, bias} with query, key, value one below the other in `in`,
//               blocks.<l>.feed_forward.{norm, in, out}.{weight, bias} (edgeconv_attention);
//               first_stage.<all of an edgeconv>, buffer first_stage_threshold [1],
//               blocks.<l>.edgeconv.{norm, message...}, blocks.<l>.map.{norm, in, convolutions.<i>,
//               out.{0,1}}.{weight, bias}, last.{norm, message...} (two_stage)
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <torch/nn/module.h>
#include <torch/types.h>

#include <stationhit/architecture/model_config.hpp>
#include <stationhit/features/normalization.hpp>

namespace stationhit::models {

struct GraphTensors {
  torch::Tensor features;  // [N, F] float32, raw physical values
  // [N, k] int32 or int64, rows into features, padded with -1. Undefined: the groups are fully
  // connected, and every node is its own neighbor too.
  torch::Tensor neighbors;
  // [G + 1] int64 on the CPU: the nodes of group (bucket) g are [offsets[g], offsets[g + 1]). Fully
  // connected groups and edgeconv_attention need them.
  torch::Tensor offsets = {};
  // [N] int64, ascending from 0: the event of every node. Undefined: there is one event.
  torch::Tensor events = {};
  // [N] logits of the first stage of two_stage, where all nodes are those that it keeps. Undefined:
  // nothing is chosen yet.
  torch::Tensor first_logits = {};
  // Draws the dropout masks; none = Torch's default generator.
  std::optional<at::Generator> dropout = std::nullopt;
};

// What the first stage of a network keeps.
struct Survivors {
  torch::Tensor rows;  // [M] int64, ascending, among the nodes
  GraphTensors graph;  // of these nodes, without offsets
};

class Network : public torch::nn::Module {
 public:
  // [N] logits, in the type of the weights.
  virtual torch::Tensor forward(const GraphTensors& graph) = 0;

  // The nodes that the first stage of two_stage keeps; nothing for networks of one stage.
  virtual std::optional<Survivors> survivors(const GraphTensors& /*graph*/) { return std::nullopt; }

  // The parameters that a training of this network changes, by name: all but those of a first
  // stage.
  [[nodiscard]] torch::OrderedDict<std::string, torch::Tensor> trained_parameters() const;

  [[nodiscard]] const architecture::ModelConfig& config() const { return config_; }
  [[nodiscard]] const std::vector<std::string>& feature_names() const { return feature_names_; }

 protected:
  Network(architecture::ModelConfig config, std::vector<std::string> feature_names);

 private:
  architecture::ModelConfig config_;
  std::vector<std::string> feature_names_;
};

// Builds the network that config.architecture names. Initial weights are those of
// torch::nn::Linear, drawn from Torch's default generator: call torch::manual_seed before for a
// reproducible start. Throws ConfigError: unknown architecture (listing the known ones), see also
// check().
[[nodiscard]] std::shared_ptr<Network> build_network(
    const architecture::ModelConfig& config, std::vector<std::string> feature_names,
    const std::optional<features::NormalizationConstants>& normalization);

}  // namespace stationhit::models
