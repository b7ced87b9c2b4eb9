// Settings for building the graph of an event.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <stationhit/core/settings.hpp>

namespace stationhit::graph {

// The groups of hits in which edges are drawn. A sector has all stations and both sides.
enum class Grouping { bucket, sector, event };
constexpr auto names_of(Grouping) {
  return std::to_array<std::string_view>({"bucket", "sector", "event"});
}

// Where the buckets come from. `automatic` takes those of the file if it has any, and else builds
// them by the bucket rule.
enum class BucketSource { file, build, automatic };
constexpr auto names_of(BucketSource) {
  return std::to_array<std::string_view>({"file", "build", "auto"});
}

// Which hits of a group are neighbors: the k nearest, the k nearest within the radius, or all.
enum class EdgeKind { knn, radius, fully_connected };
constexpr auto names_of(EdgeKind) {
  return std::to_array<std::string_view>({"knn", "radius", "fully_connected"});
}

struct GraphConfig {
  Grouping grouping = Grouping::bucket;
  BucketSource buckets = BucketSource::automatic;
  EdgeKind edges = EdgeKind::knn;
  std::int32_t k = 16;
  double radius = 10;
  std::vector<std::string> metric = {"localY", "localZ"};

  bool operator==(const GraphConfig&) const = default;

  static void describe(auto& self, auto&& setting) {
    setting("grouping", self.grouping,
            "Groups of hits in which edges are drawn: buckets, sectors (all stations, both sides) "
            "or the whole event");
    setting("buckets", self.buckets,
            "Buckets of the file, built by the bucket rule, or auto = the file's own where it has "
            "them");
    setting("edges", self.edges,
            "Which hits of the group are neighbors: the k nearest, the k nearest within the "
            "radius, or all");
    setting("k", self.k, "Most neighbors per hit; not for fully_connected", core::between(1, 1024));
    setting("radius", self.radius, "Largest distance of a neighbor, cm; only for edges: radius",
            core::above(0));
    setting("metric", self.metric,
            "Coordinates of the distance (mm), for example [localY, localZ]");
  }
};

// True if the edges are a neighbor table; false if they are all pairs of a group (fully_connected).
[[nodiscard]] bool has_table(const GraphConfig& config);
// Number of columns of that table; 0 if there is none.
[[nodiscard]] std::int32_t table_columns(const GraphConfig& config);

// False for a setting ("k") that does nothing with the chosen edges: k and metric without a table,
// radius without edges by distance.
[[nodiscard]] bool has_effect(const GraphConfig& config, std::string_view setting);

// Converts the config to and from compact JSON, as stored in checkpoints and in the metadata of
// ONNX files. Absent keys get their default. from_json throws ConfigError naming `where`, the key
// and what is allowed.
[[nodiscard]] std::string to_json(const GraphConfig& config);
[[nodiscard]] GraphConfig from_json(const std::string& json, const std::string& where);

// Throws ConfigError naming the key, its value and what is allowed.
void check(const GraphConfig& config);

}  // namespace stationhit::graph
