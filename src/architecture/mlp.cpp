#include "networks.hpp"

namespace stationhit::architecture {

void check_mlp(const ModelConfig& /*config*/) {}

}  // namespace stationhit::architecture
