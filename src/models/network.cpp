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

#define STATIONHIT_REGISTER_NETWORK(name) std::pair<std::string_view, Builder>{#name, make_##name},
constexpr auto builders = std::to_array<std::pair<std::string_view, Builder>>(
    {STATIONHIT_FOR_EACH_NETWORK(STATIONHIT_REGISTER_NETWORK)});
#undef STATIONHIT_REGISTER_NETWORK

}  // namespace

Network::Network(ModelConfig config, std::vector<std::string> feature_names)
    : torch::nn::Module("Network"),
      config_(std::move(config)),
      feature_names_(std::move(feature_names)) {}

torch::OrderedDict<std::string, torch::Tensor> Network::trained_parameters() const {
  torch::OrderedDict<std::string, torch::Tensor> trained;
  for (const auto& item : named_parameters())
    if (item.value().requires_grad()) trained.insert(item.key(), item.value());
  return trained;
}

std::shared_ptr<Network> build_network(
    const ModelConfig& config, std::vector<std::string> feature_names,
    const std::optional<features::NormalizationConstants>& normalization) {
  architecture::check(config);
  architecture::check_features(config, feature_names);
  const auto entry = std::ranges::find(builders, config.architecture,
                                       &std::pair<std::string_view, Builder>::first);
  return entry->second(config, feature_names, normalization);
}

}  // namespace stationhit::models
