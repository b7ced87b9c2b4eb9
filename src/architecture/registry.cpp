#include "registry.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include "networks.hpp"

namespace stationhit::architecture {
namespace {

constexpr std::array<RegisteredNetwork, 4> networks{{
    {"mlp", check_mlp},
    {"edgeconv", check_edgeconv},
    {"edgeconv_gat", check_edgeconv_gat},
    {"edgeconv_attention", check_edgeconv_attention},
}};

}  // namespace

std::span<const RegisteredNetwork> registered_networks() { return networks; }

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

}  // namespace stationhit::architecture
