// Directed edges from a neighbor to the node that receives its message. Fully connected groups have
// every ordered pair except the node itself, as models with an edge list expect.
#include <algorithm>

#include <stationhit/core/errors.hpp>
#include <stationhit/inference/edge_list.hpp>

namespace stationhit::inference {
namespace {

void append_edge(ModelInputs& inputs, std::size_t from, std::size_t to) {
  inputs.edge_sources.push_back(static_cast<std::int64_t>(from));
  inputs.edge_destinations.push_back(static_cast<std::int64_t>(to));
}

void append_all_pairs(ModelInputs& inputs, const graph::NodeTable& nodes, std::size_t first_node) {
  for (std::size_t group = 0; group < nodes.n_groups(); ++group) {
    for (std::size_t to = nodes.offsets[group]; to < nodes.offsets[group + 1]; ++to) {
      for (std::size_t from = nodes.offsets[group]; from < nodes.offsets[group + 1]; ++from) {
        if (from != to) append_edge(inputs, first_node + from, first_node + to);
      }
    }
  }
}

}  // namespace

void check_pair_count(const graph::NodeTable& nodes, const std::string& where) {
  std::size_t pairs = 0, largest = 0;
  for (std::size_t group = 0; group < nodes.n_groups(); ++group) {
    const std::size_t size = nodes.offsets[group + 1] - nodes.offsets[group];
    largest = std::max(largest, size);
    pairs += size * (size - std::min<std::size_t>(size, 1));
  }
  if (pairs <= max_edges) return;
  throw core::DataError(where + ": its fully connected graph has " + std::to_string(pairs) +
                        " edges, the largest bucket " + std::to_string(largest) +
                        " hits; a model with an edge list takes up to " +
                        std::to_string(max_edges) +
                        " edges (one bucket of 4096 hits): export it with --interface table, or "
                        "leave the event out");
}

void append_edges(ModelInputs& inputs, const graph::NodeTable& nodes,
                  const graph::NeighborTable& table, std::size_t first_node) {
  if (table.k == 0) return append_all_pairs(inputs, nodes, first_node);
  for (std::size_t to = 0; to < nodes.size(); ++to) {
    for (const std::int32_t from : table.row(to)) {
      if (from != graph::no_neighbor)
        append_edge(inputs, first_node + static_cast<std::size_t>(from), first_node + to);
    }
  }
}

}  // namespace stationhit::inference
