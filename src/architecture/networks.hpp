// The functions that each network of network_list.hpp defines in its own source.
#pragma once

#include <string>
#include <vector>

#include <stationhit/architecture/model_config.hpp>
#include <stationhit/architecture/network_description.hpp>
#include <stationhit/architecture/network_list.hpp>

namespace stationhit::architecture {

// check_<name> throws ConfigError where settings that are valid by themselves do not fit the
// network; describe_<name> is describe_network for a configuration that fits.
#define STATIONHIT_DECLARE_NETWORK(name)                        \
  void check_##name(const ModelConfig& config);                 \
  NetworkDescription describe_##name(const ModelConfig& config, \
                                     const std::vector<std::string>& feature_names);
STATIONHIT_FOR_EACH_NETWORK(STATIONHIT_DECLARE_NETWORK)
#undef STATIONHIT_DECLARE_NETWORK

}  // namespace stationhit::architecture
