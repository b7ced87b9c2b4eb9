// Makes the nodes of one event after the other.
#pragma once

#include <memory>

#include <stationhit/graph/nodes.hpp>

namespace stationhit::graph {

// Keeps its memory from event to event: one object per thread.
class NodeBuilder {
 public:
  // Throws ConfigError.
  explicit NodeBuilder(const GraphConfig& config);
  ~NodeBuilder();
  NodeBuilder(NodeBuilder&&) noexcept;
  NodeBuilder& operator=(NodeBuilder&&) noexcept;

  // The nodes of make_nodes(). Allocates nothing once it has seen an event of this size, except for
  // buckets that it has to build (core::build_buckets).
  void build(const core::Event& event, NodeTable& nodes);

 private:
  class Builder;
  std::unique_ptr<Builder> builder_;
};

}  // namespace stationhit::graph
