// The registry says which branches a feature is computed from. Whether the columns of the buckets
// matter follows from the settings of the graph and from what the event has.
#include <algorithm>

#include <stationhit/core/missing_columns.hpp>
#include <stationhit/core/named_enum.hpp>
#include <stationhit/features/needed_branches.hpp>

namespace stationhit::features {
namespace {

constexpr const char* bucket_hits = "bucket_spacePoints";
constexpr const char* bucket_rule = "the bucket rule";

bool contains(std::span<const std::string> names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Positions and measured coordinates follow from the ends of the sensitive elements, so a file need
// not have them; what a hit measures matters to the bucket rule alone.
bool follows_from_edges(const MissingInput& needed) {
  return needed.branch.starts_with("spacePoint_globPos") ||
         (needed.branch.starts_with("spacePoint_meas") && needed.needed_by == bucket_rule);
}

bool takes_buckets_of_file(const graph::GraphConfig& graph, EventBuckets buckets) {
  if (graph.grouping != graph::Grouping::bucket) return false;
  return graph.buckets == graph::BucketSource::file ||
         (graph.buckets == graph::BucketSource::automatic && buckets == EventBuckets::present);
}

void add_features(std::span<const std::string> features, bool buckets_of_file,
                  std::vector<MissingInput>& needed) {
  for (const std::string& feature : features) {
    for (const std::string& branch : branches_of(feature)) {
      if (branch.starts_with("bucket_") && !buckets_of_file) continue;
      needed.push_back({branch, "the feature " + feature, "leave the feature out"});
    }
  }
}

void add_buckets(bool buckets_of_file, std::vector<MissingInput>& needed) {
  if (buckets_of_file) {
    needed.push_back({bucket_hits, "graph.buckets: file", "let buckets be built (auto)"});
    return;
  }
  for (const char* branch :
       {"spacePoint_globEdgeLowX", "spacePoint_globEdgeLowY", "spacePoint_globEdgeLowZ",
        "spacePoint_globEdgeHighX", "spacePoint_globEdgeHighY", "spacePoint_globEdgeHighZ",
        "spacePoint_technology", "spacePoint_stationIndex", "spacePoint_stationEta",
        "spacePoint_stationPhi", "spacePoint_globPosX", "spacePoint_globPosY",
        "spacePoint_globPosZ", "spacePoint_measEta", "spacePoint_measPhi"})
    needed.push_back({branch, bucket_rule, "give a file with buckets"});
}

void add_groups(const graph::GraphConfig& graph, bool buckets_of_file,
                std::vector<MissingInput>& needed) {
  if (graph.grouping == graph::Grouping::bucket) {
    add_buckets(buckets_of_file, needed);
    return;
  }
  const std::string grouping = "graph.grouping: " + std::string(core::name(graph.grouping));
  for (const char* hits : {core::whole_events, core::single_hits})
    needed.push_back({hits, grouping, "group by buckets"});
  if (graph.grouping == graph::Grouping::event) return;
  for (const char* branch :
       {"spacePoint_technology", "spacePoint_stationIndex", "spacePoint_stationPhi"})
    needed.push_back({branch, grouping, "choose another grouping"});
}

void add_metric(const graph::GraphConfig& graph, std::vector<MissingInput>& needed) {
  if (!graph::has_effect(graph, "metric")) return;
  for (const std::string& coordinate : graph.metric) {
    // The coordinates have the names of features.
    for (const std::string& branch : branches_of(coordinate))
      needed.push_back({branch, "graph.metric: " + coordinate, "choose other coordinates"});
  }
}

}  // namespace

std::optional<std::string> find_missing_edge(std::span<const std::string> missing_branches) {
  for (const std::string& branch : missing_branches)
    if (branch.starts_with("spacePoint_globEdge")) return branch;
  return std::nullopt;
}

std::vector<MissingInput> find_needed_inputs(std::span<const std::string> features,
                                             const graph::GraphConfig& graph,
                                             EventBuckets buckets) {
  const bool buckets_of_file = takes_buckets_of_file(graph, buckets);
  std::vector<MissingInput> needed;
  add_features(features, buckets_of_file, needed);
  add_groups(graph, buckets_of_file, needed);
  add_metric(graph, needed);
  return needed;
}

std::optional<MissingInput> find_missing_input(std::span<const std::string> features,
                                               const graph::GraphConfig& graph,
                                               std::span<const std::string> missing_branches) {
  if (missing_branches.empty()) return std::nullopt;
  const bool has_buckets = !contains(missing_branches, bucket_hits);
  const bool has_edges = !find_missing_edge(missing_branches);
  for (MissingInput& needed : find_needed_inputs(
           features, graph, has_buckets ? EventBuckets::present : EventBuckets::missing)) {
    if (!contains(missing_branches, needed.branch)) continue;
    if (!has_edges || !follows_from_edges(needed)) return std::move(needed);
  }
  return std::nullopt;
}

}  // namespace stationhit::features
