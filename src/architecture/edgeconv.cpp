#include "networks.hpp"
#include "registry.hpp"

namespace stationhit::architecture {

void check_edgeconv(const ModelConfig& config) { check_monotone(config); }

}  // namespace stationhit::architecture
