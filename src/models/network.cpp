#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>
#include <utility>

#include <stationhit/core/errors.hpp>
#include <stationhit/models/network.hpp>

#include "layers.hpp"

namespace stationhit::models {
namespace {

using Builder = std::shared_ptr<Network> (*)(const ModelConfig&, const std::vector<std::string>&,
                                             const std::optional<features::NormalizationConstants>&);

template <BlockNetwork::MakeBlock::result_type (*make_block)(const ModelConfig&)>
std::shared_ptr<Network> build_of_blocks(const ModelConfig& config, const std::vector<std::string>& feature_names,
                                         const std::optional<features::NormalizationConstants>& normalization) {
  return std::make_shared<BlockNetwork>(config, feature_names, normalization, make_block);
}

// The registry: a new network is one file and one line here.
constexpr std::array<std::pair<std::string_view, Builder>, 2> builders{{
    {"mlp", build_of_blocks<make_mlp_block>},
    {"edgeconv", build_of_blocks<make_edgeconv_block>},
}};

std::string join(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : " | ") + name;
  return text;
}

void require(bool fine, const std::string& key, const std::string& value, const std::string& allowed) {
  if (!fine) throw core::ConfigError("model." + key + ": " + value + " is not possible; allowed: " + allowed);
}

void require_one_of(const std::string& key, const std::string& value, const std::vector<std::string>& allowed) {
  require(std::ranges::find(allowed, value) != allowed.end(), key, "\"" + value + "\"", join(allowed));
}

void require_at_least(const std::string& key, std::int32_t value, std::int32_t least) {
  require(value >= least, key, std::to_string(value), "a whole number >= " + std::to_string(least));
}

void check_encoding(const EncodingConfig& encoding) {
  require_one_of("encoding.type", encoding.type, {"fourier", "none"});
  if (encoding.type == "none") return;
  require_at_least("encoding.base", encoding.base, 2);
  require(!encoding.scales.empty(), "encoding.scales", "an empty list", "at least one scale, or encoding.type none");
}

}  // namespace

Network::Network(ModelConfig config, std::vector<std::string> feature_names)
    : torch::nn::Module("Network"), config_(std::move(config)), feature_names_(std::move(feature_names)) {}

std::vector<std::string> known_architectures() {
  std::vector<std::string> names;
  for (const auto& [name, builder] : builders) names.emplace_back(name);
  return names;
}

void check(const ModelConfig& config) {
  require_one_of("architecture", config.architecture, known_architectures());
  check_encoding(config.encoding);
  require_at_least("width", config.width, 1);
  require_at_least("blocks", config.blocks, 0);
  require(config.message_layers == 1 || config.message_layers == 2, "message_layers", std::to_string(config.message_layers), "1 | 2");
  require_one_of("aggregation", config.aggregation, {"max", "mean", "sum"});
  require_one_of("activation", config.activation, {"relu", "leaky_relu", "gelu", "silu"});
  for (const auto width : config.head) require_at_least("head", width, 1);
  require(config.dropout >= 0 && config.dropout < 1, "dropout", std::to_string(config.dropout), "0 <= dropout < 1");
  if (config.architecture == "edgeconv" && config.aggregation == "max" && config.message_layers == 1) {
    require(config.activation == "relu" || config.activation == "leaky_relu", "activation", "\"" + config.activation + "\"",
            "relu | leaky_relu where model.aggregation is max and model.message_layers is 1 (the activation must be monotone); "
            "or take message_layers 2, or aggregation mean");
  }
}

std::shared_ptr<Network> build_network(const ModelConfig& config, std::vector<std::string> feature_names,
                                       const std::optional<features::NormalizationConstants>& normalization) {
  check(config);
  const auto entry = std::ranges::find(builders, config.architecture, &std::pair<std::string_view, Builder>::first);
  return entry->second(config, feature_names, normalization);
}

}  // namespace stationhit::models
