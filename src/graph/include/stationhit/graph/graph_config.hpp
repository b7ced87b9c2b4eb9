// Settings for building the graph of an event.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <stationhit/core/settings.hpp>

namespace stationhit::graph {

namespace rules {
inline const core::SettingRule edges = core::one_of({"knn", "radius", "fully_connected"});
}  // namespace rules

struct GraphConfig {
  std::string grouping = "bucket";
  std::string buckets = "auto";
  std::string edges = "knn";
  std::int32_t k = 16;
  double radius = 10;
  std::vector<std::string> metric = {"localY", "localZ"};

  bool operator==(const GraphConfig&) const = default;

  static void describe(auto& self, auto&& setting) {
    setting("grouping", self.grouping,
            "Groups of hits in which edges are drawn: buckets, sectors (all stations, both sides) "
            "or the whole event",
            core::one_of({"bucket", "sector", "event"}));
    setting("buckets", self.buckets,
            "Buckets of the file, built by the bucket rule, or auto = the file's own where it has "
            "them",
            core::one_of({"file", "build", "auto"}));
    setting("edges", self.edges,
            "Which hits of the group are neighbors: the k nearest, the k nearest within the "
            "radius, or all",
            rules::edges);
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

// Converts the config to and from compact JSON, as stored in checkpoints and in the metadata of
// ONNX files. Absent keys get their default. from_json throws ConfigError naming `where`, the key
// and what is allowed.
[[nodiscard]] std::string to_json(const GraphConfig& config);
[[nodiscard]] GraphConfig from_json(const std::string& json, const std::string& where);

// Throws ConfigError naming the key, its value and what is allowed.
void check(const GraphConfig& config);

}  // namespace stationhit::graph
