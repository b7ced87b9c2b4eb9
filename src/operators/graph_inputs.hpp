// From the graph as a file takes it to the graph as the engine takes it. Every number is checked
// before it is used as a place in memory. All functions throw std::invalid_argument naming input,
// place and value.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <stationhit/kernels/views.hpp>

#include "call_memory.hpp"

namespace stationhit::operators {

using IntMatrix = kernels::MatrixView<const std::int32_t>;

// Every entry is -1 or one of the n nodes.
void check_neighbors(const IntMatrix& neighbors);

// Groups from the table [B, M] of their nodes, padded with -1, and the place of every node in it.
// Empty groups are left out.
void order_by_slots(const IntMatrix& slots, std::span<const std::int32_t> slot_of_node,
                    NodeOrder& order);

// The edges of a call. A destination looks at its sources.
struct EdgeList {
  std::span<const std::int64_t> sources, destinations;  // [E]
  std::size_t n_nodes = 0;
};

// Groups from a list of all edges between different nodes of a group, in one direction or in both;
// the nodes of a group stand side by side. Throws if the list is not of this kind; edges that are
// in it twice in the place of others are not noticed.
void groups_of_edges(const EdgeList& edges, CallMemory& memory);

// The table [n, k] of the sources of every node, padded with -1.
void table_of_edges(const EdgeList& edges, std::size_t k, CallMemory& memory);

// The number of the event of every node, counted from 0 without gaps, from numbers that ascend.
void number_events(std::span<const std::int32_t> event_of_node, std::vector<std::int32_t>& events);

}  // namespace stationhit::operators
