#include "networks.hpp"
#include "registry.hpp"

namespace stationhit::architecture {

void check_edgeconv_gat(const ModelConfig& config) {
  check_monotone(config);
  check_divides_width("heads", config.heads, config.width);
}

}  // namespace stationhit::architecture
