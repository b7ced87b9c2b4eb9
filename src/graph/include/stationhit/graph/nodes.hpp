// Nodes of the graph: one per (hit, bucket), or one per hit if the groups are sectors or the event.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <stationhit/core/event.hpp>
#include <stationhit/graph/graph_config.hpp>

namespace stationhit::graph {

// Nodes are stored group by group: the nodes of group b are [offsets[b], offsets[b + 1]). Within a
// group they are in canonical order, and the order of the groups does not depend on the order of
// the hits either. Hits with a NaN or Inf have no node.
struct NodeTable {
  std::vector<std::uint32_t> hit;      // [n_nodes] index into the event's hits
  std::vector<std::uint32_t> offsets;  // [n_groups + 1], starts with 0
  std::vector<float> y_min,
      y_max;  // [n_groups] mm, range along the precision axis of the group: that of the bucket (the
              // file's bucket_xMin/xMax or that of core::build_buckets); of the hits' local y where
              // the bucket has none, and for all other groups

  [[nodiscard]] std::size_t size() const { return hit.size(); }
  [[nodiscard]] std::size_t n_groups() const { return offsets.empty() ? 0 : offsets.size() - 1; }
};

// `grouping: bucket` uses the event's own buckets or those of core::build_buckets, according to
// config.buckets. A hit in no bucket is a group of its own, empty buckets are not groups, and a hit
// listed twice in a bucket counts once. `grouping: sector` puts together the hits of one
// core::sector, from all stations and both sides; `event` puts together all hits. Groups are in the
// lexicographic canonical order of their hits. Throws ConfigError.
[[nodiscard]] NodeTable make_nodes(const core::Event& event, const GraphConfig& config);

// Score of a hit without a node (NaN or Inf in its values).
inline constexpr float score_without_node = -100.0F;

// The score of every hit: the largest logit over its nodes, or score_without_node if it has none.
// node_logits: [n_nodes]; a logit that is not finite counts as score_without_node.
[[nodiscard]] std::vector<float> hit_scores(const NodeTable& nodes,
                                            std::span<const float> node_logits, std::size_t n_hits);

}  // namespace stationhit::graph
