// The registry says which optional branches a feature is computed from. Whether the columns of the
// buckets matter follows from the settings of the graph and from what the file has.
#include <algorithm>

#include <stationhit/features/needed_branches.hpp>

namespace stationhit::features {
namespace {

constexpr const char* bucket_hits = "bucket_spacePoints";

bool contains(std::span<const std::string> names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool takes_buckets_of_file(const graph::GraphConfig& graph, std::span<const std::string> missing) {
  if (graph.grouping != graph::Grouping::bucket) return false;
  return graph.buckets == graph::BucketSource::file ||
         (graph.buckets == graph::BucketSource::automatic && !contains(missing, bucket_hits));
}

std::optional<MissingInput> check_buckets(const graph::GraphConfig& graph,
                                          std::span<const std::string> missing) {
  if (graph.grouping != graph::Grouping::bucket) return std::nullopt;
  if (takes_buckets_of_file(graph, missing)) {
    if (!contains(missing, bucket_hits)) return std::nullopt;
    return MissingInput{bucket_hits, "graph.buckets: file", "let buckets be built (auto)"};
  }
  const auto edge = find_missing_edge(missing);
  if (!edge) return std::nullopt;
  return MissingInput{*edge, "the bucket rule", "give a file with buckets"};
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
  const bool buckets_of_file = takes_buckets_of_file(graph, missing_branches);
  for (const std::string& feature : features) {
    for (const std::string& branch : optional_branches_of(feature)) {
      if (branch.starts_with("bucket_") && !buckets_of_file) continue;
      if (contains(missing_branches, branch))
        return MissingInput{branch, "the feature " + feature, "leave the feature out"};
    }
  }
  return check_buckets(graph, missing_branches);
}

}  // namespace stationhit::features
