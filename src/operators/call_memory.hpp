// The memory of one call of the operator; it grows to what the largest call needs.
#pragma once

#include <cstdint>
#include <vector>

#include <stationhit/engine/engine.hpp>

namespace stationhit::operators {

// The engine takes the nodes of a group side by side; slots may name them in any order.
struct NodeOrder {
  bool is_given = true;               // the order of the call is that of the engine
  std::vector<std::int32_t> nodes;    // [N] node at every row of the engine
  std::vector<std::int32_t> rows;     // [N] its inverse
  std::vector<std::int64_t> offsets;  // [G + 1] rows of the groups
};

struct CallMemory {
  engine::Workspace workspace;
  NodeOrder order;
  std::vector<float> features, logits;                  // in the order of the engine
  std::vector<std::int32_t> neighbors, events_of_rows;  // also
  std::vector<std::int32_t> events;                     // of the nodes
  std::vector<std::int32_t> degrees;                    // of the nodes in a list of edges
  std::vector<std::int64_t> first_nodes;                // of the groups of the nodes
};

}  // namespace stationhit::operators
