// Architecture of a network and what its settings may be. Header only and free of Torch: programs without Torch read and check configurations too.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/setting_rule.hpp>

namespace stationhit::models {

struct EncodingConfig {
  std::string type = "fourier";  // fourier | none
  std::int32_t base = 3;         // angles are x' * base^-s
  std::vector<std::int32_t> scales = {-6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6};

  bool operator==(const EncodingConfig&) const = default;
};

struct ModelConfig {
  std::string architecture = "edgeconv";  // mlp | edgeconv
  EncodingConfig encoding;
  std::int32_t width = 64;              // hidden features per hit
  std::int32_t blocks = 3;              // mlp: hidden layers; edgeconv: EdgeConv blocks
  std::int32_t message_layers = 1;      // linear layers of the EdgeConv message, 1 or 2
  std::string aggregation = "max";      // max | mean | sum
  std::string activation = "relu";      // relu | leaky_relu | gelu | silu (one message layer with max: relu or leaky_relu)
  bool residual = true;                 // add the input of a block to its output
  bool layer_norm = false;              // layer norm per hit at the input of a block
  std::vector<std::int32_t> head = {};  // hidden widths of the head, empty = one linear layer
  double dropout = 0.0;                 // after each block, training only

  bool operator==(const ModelConfig&) const = default;
};

namespace rules {
inline const core::SettingRule encoding_type = core::one_of({"fourier", "none"});
inline const core::SettingRule encoding_base = core::between(2, 100);
inline const core::SettingRule encoding_scale = core::between(-20, 20);
inline const core::SettingRule architecture = core::one_of({"mlp", "edgeconv"});
inline const core::SettingRule width = core::between(1, 4096);  // of the head as well
inline const core::SettingRule blocks = core::between(0, 64);
inline const core::SettingRule message_layers = core::between(1, 2);
inline const core::SettingRule aggregation = core::one_of({"max", "mean", "sum"});
inline const core::SettingRule activation = core::one_of({"relu", "leaky_relu", "gelu", "silu"});
inline const core::SettingRule dropout = core::between(0, 0.9);
}  // namespace rules

inline void check(const EncodingConfig& config) {
  core::require("model.encoding.type", config.type, rules::encoding_type);
  core::require("model.encoding.base", config.base, rules::encoding_base);
  for (const auto scale : config.scales) core::require("model.encoding.scales", scale, rules::encoding_scale);
  if (config.type == "none") return;
  if (config.scales.empty()) throw core::ConfigError("model.encoding.scales is empty; give at least one scale, or set model.encoding.type: none");
  const std::set<std::int32_t> distinct(config.scales.begin(), config.scales.end());
  if (distinct.size() != config.scales.size()) throw core::ConfigError("model.encoding.scales has a scale twice; give each once");
}

// The factorised message takes the maximum before the activation.
inline void check_monotone(const ModelConfig& config) {
  const bool needed = config.architecture == "edgeconv" && config.message_layers == 1 && config.aggregation == "max";
  if (!needed || config.activation == "relu" || config.activation == "leaky_relu") return;
  throw core::ConfigError("model.activation is " + config.activation +
                          ", but one message layer with aggregation max needs a monotone activation: set model.activation: relu or leaky_relu, or "
                          "model.message_layers: 2");
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
}

}  // namespace stationhit::models
