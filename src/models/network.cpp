#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <stationhit/models/network.hpp>

#include "layers.hpp"

namespace stationhit::models {
namespace {

using Builder =
    std::shared_ptr<Network> (*)(const ModelConfig&, const std::vector<std::string>&,
                                 const std::optional<features::NormalizationConstants>&);

template <std::shared_ptr<Layer> (*make_layer)(const ModelConfig&)>
std::shared_ptr<Network> build_of_blocks(
    const ModelConfig& config, const std::vector<std::string>& feature_names,
    const std::optional<features::NormalizationConstants>& normalization) {
  return std::make_shared<BlockNetwork>(config, feature_names, normalization, make_layer);
}

// The registry: a new network is one file and one line here.
constexpr std::array<std::pair<std::string_view, Builder>, 4> builders{{
    {"mlp", build_of_blocks<make_mlp_layer>},
    {"edgeconv", build_of_blocks<make_edgeconv_layer>},
    {"edgeconv_gat", build_of_blocks<make_gat_layer>},
    {"edgeconv_attention", make_attention_network},
}};

}  // namespace

Network::Network(ModelConfig config, std::vector<std::string> feature_names)
    : torch::nn::Module("Network"),
      config_(std::move(config)),
      feature_names_(std::move(feature_names)) {}

std::vector<std::string> known_architectures() {
  std::vector<std::string> names;
  for (const auto& [name, builder] : builders) names.emplace_back(name);
  return names;
}

std::shared_ptr<Network> build_network(
    const ModelConfig& config, std::vector<std::string> feature_names,
    const std::optional<features::NormalizationConstants>& normalization) {
  architecture::check(config);
  const auto entry = std::ranges::find(builders, config.architecture,
                                       &std::pair<std::string_view, Builder>::first);
  return entry->second(config, feature_names, normalization);
}

}  // namespace stationhit::models
