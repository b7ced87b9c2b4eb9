#include "stages.hpp"

namespace stationhit::exporter {

std::string mlp_network(Stages& stages) {
  return stages.blocks(stages.embed(), [&](const std::string& hidden, const std::string& name) {
    return stages.block(hidden, name, [&](const std::string& normed) {
      return stages.activate(stages.linear(normed, name + ".linear"));
    });
  });
}

}  // namespace stationhit::exporter
