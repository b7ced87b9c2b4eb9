// Size of a network and work of its forward pass, from its description alone.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <stationhit/architecture/network_description.hpp>

namespace stationhit::architecture {

struct Cost {
  std::uint64_t parameters = 0;  // trained numbers
  std::uint64_t bytes = 0;       // of all tensors in float32
  Work work;

  Cost& operator+=(const Cost& other);
};

[[nodiscard]] Cost compute_cost(const Stage& stage);
// The sum of the stages. Its work is per node and per edge and pair of the graph, if the network
// has one row set and one graph; for other networks count_flops has the meaning.
[[nodiscard]] Cost compute_cost(const NetworkDescription& network);

// Rows, edges and pairs of one event.
struct GraphSize {
  std::uint64_t edges = 0;
  std::uint64_t pairs = 0;   // sum of the squared sizes of the groups
  std::uint64_t groups = 0;  // number of the groups
};
struct EventSize {
  std::uint64_t nodes = 0;
  std::map<std::string, GraphSize> graphs;  // by the names of the description
};

// Throws std::out_of_range if `event` lacks a graph that the stage or row set needs.
[[nodiscard]] std::uint64_t count_rows(const NetworkDescription& network, const std::string& rows,
                                       const EventSize& event);
[[nodiscard]] std::uint64_t count_flops(const NetworkDescription& network, const Stage& stage,
                                        const EventSize& event);
[[nodiscard]] std::uint64_t count_flops(const NetworkDescription& network, const EventSize& event);

}  // namespace stationhit::architecture
