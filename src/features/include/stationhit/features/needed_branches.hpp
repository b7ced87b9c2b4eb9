// Which branches of an ntuple a network needs. Readers fill the columns of a branch that a file
// does not have with 0; what is computed from such columns is wrong and must be refused. A global
// position is no such column where the file has the ends of the sensitive elements: readers then
// take the middle of the two.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include <stationhit/graph/graph_config.hpp>

namespace stationhit::features {

// Branches ("spacePoint_covYY") from which the feature is computed, in the order of the registry;
// none for names that are unknown. Those of buckets (bucket_xMin, bucket_xMax) count only where the
// buckets come from the file.
[[nodiscard]] std::span<const std::string> branches_of(const std::string& feature);

// The first of the missing branches that holds an end of the sensitive elements
// (spacePoint_globEdge*); nothing if all are there.
[[nodiscard]] std::optional<std::string> find_missing_edge(
    std::span<const std::string> missing_branches);

struct MissingInput {
  std::string branch;
  std::string needed_by;  // "the feature covY", "graph.buckets: file"
  std::string remedy;     // what to do besides adding the branch: "leave the feature out"
};

// Whether an event brings its own buckets.
enum class EventBuckets { present, missing };

// What features and graph are computed from, by branches in the order in which their lack is told;
// a branch can stand there several times. Not among it are the columns that only break ties
// (core/canonical_order.hpp).
[[nodiscard]] std::vector<MissingInput> find_needed_inputs(std::span<const std::string> features,
                                                           const graph::GraphConfig& graph,
                                                           EventBuckets buckets);

// The first of the features or settings of the graph that needs one of the missing branches of a
// file; nothing if all can be computed.
//  * graph.buckets: file needs bucket_spacePoints;
//  * buckets that are built (`build`, or `auto` without bucket_spacePoints) need the ends of the
//    sensitive elements (spacePoint_globEdge*): hits that measure only phi join buckets by them;
//    they need technology, chamber and global position, too;
//  * graph.grouping: sector and event need whole events whose hits stand once
//    (core/missing_columns.hpp), sectors also technology, stationIndex and stationPhi;
//  * neighbors by distance need the coordinates of graph.metric.
[[nodiscard]] std::optional<MissingInput> find_missing_input(
    std::span<const std::string> features, const graph::GraphConfig& graph,
    std::span<const std::string> missing_branches);

}  // namespace stationhit::features
