// Makes the neighbor tables of one event after the other.
#pragma once

#include <memory>

#include <stationhit/core/event_columns.hpp>
#include <stationhit/graph/neighbors.hpp>

namespace stationhit::graph {

// Keeps its memory from event to event: one object per thread.
class NeighborBuilder {
 public:
  // Throws ConfigError.
  explicit NeighborBuilder(const GraphConfig& config);
  ~NeighborBuilder();
  NeighborBuilder(NeighborBuilder&&) noexcept;
  NeighborBuilder& operator=(NeighborBuilder&&) noexcept;

  // The table of build_neighbors(). Allocates nothing once it has seen an event of this size.
  // The columns of the metric must be there.
  void build(const core::EventColumns& event, const NodeTable& nodes, NeighborTable& table);

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

}  // namespace stationhit::graph
