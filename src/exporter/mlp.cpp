#include "stages.hpp"

namespace stationhit::exporter {

std::string mlp_blocks(Stages& stages, std::string hidden) {
  for (std::int32_t block = 0; block < stages.config().blocks; ++block) {
    const std::string name = "blocks." + std::to_string(block);
    hidden = stages.residual(hidden, stages.activate(stages.linear(stages.norm(hidden, name), name + ".linear")));
  }
  return hidden;
}

}  // namespace stationhit::exporter
