#include "network_builder.hpp"
#include "networks.hpp"
#include "registry.hpp"

namespace stationhit::architecture {

void check_edgeconv_gat(const ModelConfig& config) {
  check_monotone(config);
  check_divides_width("heads", config.heads, config.width);
}

NetworkDescription describe_edgeconv_gat(const ModelConfig& config,
                                         const std::vector<std::string>& feature_names) {
  const std::vector<std::int64_t> heads(static_cast<std::size_t>(config.heads),
                                        config.width / config.heads);
  NetworkBuilder network(config, feature_names, heads);
  std::string hidden = network.add_input();
  for (std::int32_t i = 0; i < config.blocks; ++i) {
    const std::string block = "blocks." + std::to_string(i);
    const std::string convolution = block + ".edgeconv", attention = block + ".attention";
    hidden = network.add_edge_convolution_block(convolution, hidden);
    hidden = network.add_graph_attention(attention, hidden);
  }
  network.add_head(hidden);
  return std::move(network).result(
      {NetworkOption::message_layers, NetworkOption::aggregation, NetworkOption::heads});
}

}  // namespace stationhit::architecture
