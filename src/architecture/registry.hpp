// The networks that are known: a new one is one source file here and one line in registry.cpp.
#pragma once

#include <span>
#include <string_view>

#include <stationhit/architecture/model_config.hpp>

namespace stationhit::architecture {

struct RegisteredNetwork {
  std::string_view name;
  // Throws ConfigError where settings that are valid by themselves do not fit this network.
  void (*check)(const ModelConfig& config);
};

[[nodiscard]] std::span<const RegisteredNetwork> registered_networks();

// The network of that name; the name must be known.
[[nodiscard]] const RegisteredNetwork& find_network(std::string_view name);

// Checks that networks share.
//   The factorized message takes the maximum before the activation, which must be monotone then.
void check_monotone(const ModelConfig& config);
void check_divides_width(const char* key, std::int32_t value, std::int32_t width);

}  // namespace stationhit::architecture
