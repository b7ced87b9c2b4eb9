// Features of a node that depend on the other nodes of its group.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <stationhit/core/event_columns.hpp>
#include <stationhit/graph/nodes.hpp>

namespace stationhit::features {

// Memory that is kept from event to event.
struct GroupMemory {
  struct Layer {
    std::size_t begin = 0, end = 0;  // in the sorted nodes of the group
    bool strip = false;
    double median_z = 0;
  };
  std::vector<float> x, y;
  std::vector<std::int32_t> count;
  std::vector<std::uint64_t> keys;
  std::vector<std::uint32_t> order;
  std::vector<Layer> layers;
};

// Number of other nodes of the group strictly closer than 500 mm in the local x-y plane (float32
// sum of float32 squares). values: [n_nodes]
void count_neighbors(const core::EventColumns& event, const graph::NodeTable& nodes,
                     GroupMemory& memory, std::span<float> values);

// Nodes of the group / max(y_max - y_min, 10 mm), 1/mm. values: [n_nodes]
void compute_bucket_densities(const graph::NodeTable& nodes, std::span<float> values);

// (1 + rank of the node's layer) / number of layers of the group. A layer is a (technology,
// stationIndex, layer); MDT layers come first, then ascending median local z, then ascending code.
// values: [n_nodes]
void rank_layers(const core::EventColumns& event, const graph::NodeTable& nodes,
                 GroupMemory& memory, std::span<float> values);

}  // namespace stationhit::features
