// Architecture of a network and what its settings may be. Header only and free of Torch: programs
// without Torch read and check configurations too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/setting_rule.hpp>

namespace stationhit::models {

struct EncodingConfig {
  std::string type =
      "fourier";  // fourier | learned | hybrid | linear | none: see models/network.hpp
  std::int32_t base =
      3;  // angles are x' * base^-s; of learned and hybrid at the start of the training
  std::vector<std::int32_t> scales = {-6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6};
  std::string discrete =
      "encoded";  // encoded | one_hot | embedding: technology, stationIndex, stationPhi, stationEta
  std::int32_t embedding_width = 4;  // numbers per discrete feature with embedding

  bool operator==(const EncodingConfig&) const = default;
};

struct ModelConfig {
  std::string architecture = "edgeconv";  // mlp | edgeconv | edgeconv_gat | edgeconv_attention
  EncodingConfig encoding;
  std::int32_t width = 64;  // hidden features per hit
  std::int32_t blocks = 3;  // hidden layers, EdgeConv blocks, pairs of EdgeConv and GAT, attention
                            // blocks: what the architecture is a row of
  std::int32_t message_layers = 1;  // linear layers of the EdgeConv message, 1 or 2
  std::string aggregation = "max";  // max | mean | sum
  std::string activation =
      "relu";  // relu | leaky_relu | gelu | silu (one message layer with max: relu or leaky_relu)
  bool residual = true;                 // add the input of a block to its output
  bool layer_norm = false;              // layer norm per hit at the input of a block
  std::vector<std::int32_t> head = {};  // hidden widths of the head, empty = one linear layer
  double dropout = 0.0;                 // after each block, training only
  std::int32_t heads = 4;               // attention heads, divide width
  std::int32_t bands = 4;               // edgeconv_attention: bands of Fourier scales, divide width
  std::int32_t feed_forward =
      128;  // edgeconv_attention: hidden width of the feed-forward part of a block

  bool operator==(const ModelConfig&) const = default;
};

namespace rules {
inline const core::SettingRule encoding_type =
    core::one_of({"fourier", "learned", "hybrid", "linear", "none"});
inline const core::SettingRule encoding_base = core::between(2, 100);
inline const core::SettingRule encoding_scale = core::between(-20, 20);
inline const core::SettingRule encoding_discrete =
    core::one_of({"encoded", "one_hot", "embedding"});
inline const core::SettingRule embedding_width = core::between(1, 64);
inline const core::SettingRule architecture =
    core::one_of({"mlp", "edgeconv", "edgeconv_gat", "edgeconv_attention"});
inline const core::SettingRule width = core::between(1, 4096);  // of the head as well
inline const core::SettingRule blocks = core::between(0, 64);
inline const core::SettingRule message_layers = core::between(1, 2);
inline const core::SettingRule aggregation = core::one_of({"max", "mean", "sum"});
inline const core::SettingRule activation = core::one_of({"relu", "leaky_relu", "gelu", "silu"});
inline const core::SettingRule dropout = core::between(0, 0.9);
inline const core::SettingRule heads = core::between(1, 256);
inline const core::SettingRule bands = core::between(1, 64);
}  // namespace rules

inline void check(const EncodingConfig& config) {
  core::require("model.encoding.type", config.type, rules::encoding_type);
  core::require("model.encoding.base", config.base, rules::encoding_base);
  for (const auto scale : config.scales)
    core::require("model.encoding.scales", scale, rules::encoding_scale);
  core::require("model.encoding.discrete", config.discrete, rules::encoding_discrete);
  core::require("model.encoding.embedding_width", config.embedding_width, rules::embedding_width);
  if (config.type == "none") return;
  if (config.scales.empty())
    throw core::ConfigError(
        "model.encoding.scales is empty; give at least one scale, or set model.encoding.type: "
        "none");
  const std::set<std::int32_t> distinct(config.scales.begin(), config.scales.end());
  if (distinct.size() != config.scales.size())
    throw core::ConfigError("model.encoding.scales has a scale twice; give each once");
}

// The factorised message takes the maximum before the activation.
inline void check_monotone(const ModelConfig& config) {
  const bool needed =
      config.architecture != "mlp" && config.message_layers == 1 && config.aggregation == "max";
  if (!needed || config.activation == "relu" || config.activation == "leaky_relu") return;
  throw core::ConfigError("model.activation is " + config.activation +
                          ", but one message layer with aggregation max needs a monotone "
                          "activation: set model.activation: relu or leaky_relu, or "
                          "model.message_layers: 2");
}

inline void check_divides_width(const char* key, std::int32_t value, std::int32_t width) {
  if (width % value == 0) return;
  throw core::ConfigError("model." + std::string(key) + " is " + std::to_string(value) +
                          ", which does not divide model.width (" + std::to_string(width) +
                          "); change one of them");
}

inline void check_attention(const ModelConfig& config) {
  core::require("model.heads", config.heads, rules::heads);
  core::require("model.bands", config.bands, rules::bands);
  core::require("model.feed_forward", config.feed_forward, rules::width);
  if (config.architecture != "edgeconv_gat" && config.architecture != "edgeconv_attention") return;
  check_divides_width("heads", config.heads, config.width);
  if (config.architecture == "edgeconv_gat") return;
  check_divides_width("bands", config.bands, config.width);
  if (config.encoding.type != "fourier" && config.encoding.type != "learned") {
    throw core::ConfigError("model.encoding.type is " + config.encoding.type +
                            ", but edgeconv_attention divides the scales of an encoding into "
                            "bands: set fourier or learned");
  }
  if (static_cast<std::size_t>(config.bands) <= config.encoding.scales.size()) return;
  throw core::ConfigError(
      "model.bands is " + std::to_string(config.bands) + ", but model.encoding.scales has only " +
      std::to_string(config.encoding.scales.size()) + " scales to divide; lower it");
}

// Throws ConfigError naming the key, its value and what is allowed.
inline void check(const ModelConfig& config) {
  core::require("model.architecture", config.architecture, rules::architecture);
  check(config.encoding);
  core::require("model.width", config.width, rules::width);
  core::require("model.blocks", config.blocks, rules::blocks);
  core::require("model.message_layers", config.message_layers, rules::message_layers);
  core::require("model.aggregation", config.aggregation, rules::aggregation);
  core::require("model.activation", config.activation, rules::activation);
  for (const auto width : config.head) core::require("model.head", width, rules::width);
  core::require("model.dropout", config.dropout, rules::dropout);
  check_monotone(config);
  check_attention(config);
}

}  // namespace stationhit::models
