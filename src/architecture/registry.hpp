// The networks by their names, and the checks that several of them share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <stationhit/architecture/model_config.hpp>
#include <stationhit/architecture/network_description.hpp>

namespace stationhit::architecture {

struct RegisteredNetwork {
  std::string_view name;
  void (*check)(const ModelConfig& config);
  NetworkDescription (*describe)(const ModelConfig& config,
                                 const std::vector<std::string>& feature_names);
};

// The network of that name; the name must be known.
[[nodiscard]] const RegisteredNetwork& find_network(std::string_view name);

// The factorized message takes the maximum before the activation, which must be monotone then.
void check_monotone(const ModelConfig& config);
void check_divides_width(const char* key, std::int32_t value, std::int32_t width);

}  // namespace stationhit::architecture
