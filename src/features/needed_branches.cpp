// The registry says which branches a feature is computed from. Whether the columns of the buckets
// matter follows from the settings of the graph and from what the file has.
#include <algorithm>

#include <stationhit/core/missing_columns.hpp>
#include <stationhit/core/named_enum.hpp>
#include <stationhit/features/needed_branches.hpp>

namespace stationhit::features {
namespace {

constexpr const char* bucket_hits = "bucket_spacePoints";

bool contains(std::span<const std::string> names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// False for a position that follows from the ends of the sensitive elements.
bool lacks(std::span<const std::string> missing, const std::string& branch) {
  return contains(missing, branch) &&
         (!branch.starts_with("spacePoint_globPos") || find_missing_edge(missing).has_value());
}

std::optional<std::string> find_lacking(std::span<const std::string> missing,
                                        std::span<const std::string> branches) {
  for (const std::string& branch : branches)
    if (lacks(missing, branch)) return branch;
  return std::nullopt;
}

bool takes_buckets_of_file(const graph::GraphConfig& graph, std::span<const std::string> missing) {
  if (graph.grouping != graph::Grouping::bucket) return false;
  return graph.buckets == graph::BucketSource::file ||
         (graph.buckets == graph::BucketSource::automatic && !contains(missing, bucket_hits));
}

std::optional<MissingInput> check_features(std::span<const std::string> features,
                                           const graph::GraphConfig& graph,
                                           std::span<const std::string> missing) {
  const bool buckets_of_file = takes_buckets_of_file(graph, missing);
  for (const std::string& feature : features) {
    for (const std::string& branch : branches_of(feature)) {
      if (branch.starts_with("bucket_") && !buckets_of_file) continue;
      if (lacks(missing, branch))
        return MissingInput{branch, "the feature " + feature, "leave the feature out"};
    }
  }
  return std::nullopt;
}

std::optional<MissingInput> check_buckets(const graph::GraphConfig& graph,
                                          std::span<const std::string> missing) {
  if (takes_buckets_of_file(graph, missing)) {
    if (!contains(missing, bucket_hits)) return std::nullopt;
    return MissingInput{bucket_hits, "graph.buckets: file", "let buckets be built (auto)"};
  }
  static const std::vector<std::string> of_hits{"spacePoint_technology", "spacePoint_stationIndex",
                                                "spacePoint_stationEta", "spacePoint_stationPhi",
                                                "spacePoint_globPosX",   "spacePoint_globPosY",
                                                "spacePoint_globPosZ"};
  auto branch = find_missing_edge(missing);
  if (!branch) branch = find_lacking(missing, of_hits);
  if (!branch) return std::nullopt;
  return MissingInput{*branch, "the bucket rule", "give a file with buckets"};
}

std::optional<MissingInput> check_groups(const graph::GraphConfig& graph,
                                         std::span<const std::string> missing) {
  if (graph.grouping == graph::Grouping::bucket) return check_buckets(graph, missing);
  const std::string grouping = "graph.grouping: " + std::string(core::name(graph.grouping));
  for (const char* needed : {core::whole_events, core::single_hits})
    if (contains(missing, needed)) return MissingInput{needed, grouping, "group by buckets"};
  if (graph.grouping == graph::Grouping::event) return std::nullopt;
  static const std::vector<std::string> of_sectors{
      "spacePoint_technology", "spacePoint_stationIndex", "spacePoint_stationPhi"};
  const auto branch = find_lacking(missing, of_sectors);
  if (!branch) return std::nullopt;
  return MissingInput{*branch, grouping, "choose another grouping"};
}

std::optional<MissingInput> check_metric(const graph::GraphConfig& graph,
                                         std::span<const std::string> missing) {
  if (!graph::has_effect(graph, "metric")) return std::nullopt;
  for (const std::string& coordinate : graph.metric) {
    // The coordinates have the names of features.
    const auto branch = find_lacking(missing, branches_of(coordinate));
    if (branch)
      return MissingInput{*branch, "graph.metric: " + coordinate, "choose other coordinates"};
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> find_missing_edge(std::span<const std::string> missing_branches) {
  for (const std::string& branch : missing_branches)
    if (branch.starts_with("spacePoint_globEdge")) return branch;
  return std::nullopt;
}

std::optional<MissingInput> find_missing_input(std::span<const std::string> features,
                                               const graph::GraphConfig& graph,
                                               std::span<const std::string> missing_branches) {
  if (missing_branches.empty()) return std::nullopt;
  auto lacking = check_features(features, graph, missing_branches);
  if (!lacking) lacking = check_groups(graph, missing_branches);
  if (!lacking) lacking = check_metric(graph, missing_branches);
  return lacking;
}

}  // namespace stationhit::features
