#include "network_builder.hpp"
#include "networks.hpp"
#include "registry.hpp"

namespace stationhit::architecture {

void check_edgeconv(const ModelConfig& config) { check_monotone(config); }

NetworkDescription describe_edgeconv(const ModelConfig& config,
                                     const std::vector<std::string>& feature_names) {
  NetworkBuilder network(config, feature_names);
  std::string hidden = network.add_input();
  for (std::int32_t i = 0; i < config.blocks; ++i)
    hidden = network.add_edge_convolution_block("blocks." + std::to_string(i), hidden);
  network.add_head(hidden);
  return std::move(network).result({NetworkOption::message_layers, NetworkOption::aggregation});
}

}  // namespace stationhit::architecture
