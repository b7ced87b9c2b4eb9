// From the description of a network to a list of operations.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <stationhit/architecture/network_description.hpp>

#include "compaction.hpp"
#include "edge_convolution.hpp"
#include "operand.hpp"
#include "row_operations.hpp"

namespace stationhit::engine {

struct CompiledGraph {
  std::size_t columns = 0;  // of the table that are used, 0: all
  bool of_nodes = true;     // or of rows that a compaction keeps
};

struct CompiledNetwork {
  std::vector<std::unique_ptr<Operation>> operations;
  std::vector<OperationDescription> descriptions;  // of the operations
  std::size_t n_features = 0, n_buffers = 0, n_row_sets = 0;
  std::vector<CompiledGraph> graphs;
  Value logits;
  Needs needs;
};

// Throws std::invalid_argument as Engine does.
[[nodiscard]] CompiledNetwork compile(const architecture::NetworkDescription& network,
                                      const Weights& weights, Neighborhood neighborhood,
                                      Precision precision);

}  // namespace stationhit::engine
