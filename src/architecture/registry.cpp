#include "registry.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include "networks.hpp"

namespace stationhit::architecture {
namespace {

#define STATIONHIT_REGISTER_NETWORK(name) RegisteredNetwork{#name, check_##name, describe_##name},
constexpr auto networks =
    std::to_array<RegisteredNetwork>({STATIONHIT_FOR_EACH_NETWORK(STATIONHIT_REGISTER_NETWORK)});
#undef STATIONHIT_REGISTER_NETWORK

}  // namespace

const RegisteredNetwork& find_network(std::string_view name) {
  const auto found = std::ranges::find(networks, name, &RegisteredNetwork::name);
  assert(found != networks.end());
  return *found;
}

std::vector<std::string> known_networks() {
  std::vector<std::string> names;
  for (const RegisteredNetwork& network : networks) names.emplace_back(network.name);
  return names;
}

NetworkDescription describe_network(const ModelConfig& config,
                                    const std::vector<std::string>& feature_names) {
  return find_network(config.architecture).describe(config, feature_names);
}

}  // namespace stationhit::architecture
