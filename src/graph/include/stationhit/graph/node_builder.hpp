// Makes the nodes of one event after the other.
#pragma once

#include <memory>

#include <stationhit/core/event_columns.hpp>
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
  // buckets that it has to build (core::build_buckets). The columns must be there that the
  // canonical order reads (core/canonical_order.hpp), and those of the buckets or of the bucket
  // rule.
  void build(const core::EventColumns& event, NodeTable& nodes);

 private:
  class Builder;
  std::unique_ptr<Builder> builder_;
};

}  // namespace stationhit::graph
