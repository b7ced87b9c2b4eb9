#include <stationhit/core/errors.hpp>

#include "network_builder.hpp"
#include "networks.hpp"

namespace stationhit::architecture {

void check_mlp(const ModelConfig& config) {
  if (config.edge_features.empty()) return;
  throw core::ConfigError(
      "model.edge_features is set, but mlp uses no edges; take them out, or choose another "
      "model.architecture");
}

NetworkDescription describe_mlp(const ModelConfig& config,
                                const std::vector<std::string>& feature_names) {
  NetworkBuilder network(config, feature_names);
  std::string hidden = network.add_input();
  for (std::int32_t i = 0; i < config.blocks; ++i)
    hidden = network.add_linear_block("blocks." + std::to_string(i), hidden);
  network.add_head(hidden);
  return std::move(network).result();
}

}  // namespace stationhit::architecture
