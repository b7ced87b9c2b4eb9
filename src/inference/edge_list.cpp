#include "edge_list.hpp"

namespace stationhit::inference {

void append_edges(ModelInputs& inputs, const graph::NodeTable& nodes, std::size_t first_node) {
  for (std::size_t group = 0; group < nodes.n_groups(); ++group) {
    for (std::size_t to = nodes.offsets[group]; to < nodes.offsets[group + 1]; ++to) {
      for (std::size_t from = nodes.offsets[group]; from < nodes.offsets[group + 1]; ++from) {
        if (from == to) continue;
        inputs.edge_sources.push_back(static_cast<std::int64_t>(first_node + from));
        inputs.edge_destinations.push_back(static_cast<std::int64_t>(first_node + to));
      }
    }
  }
}

}  // namespace stationhit::inference
