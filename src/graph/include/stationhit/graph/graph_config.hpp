// Settings for building the graph of an event.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <stationhit/core/setting_rule.hpp>

namespace stationhit::graph {

struct GraphConfig {
  std::string grouping =
      "bucket";  // groups in which edges are drawn: bucket | sector (1 to 16, both sides) | event
  std::string buckets = "auto";  // file | build | auto (the file's own where it has them, else
                                 // built by the bucket rule)
  std::string edges = "knn";     // knn | radius (the nearest k not further away) | fully_connected
  std::int32_t k = 16;           // most neighbors of a node, >= 1; not for fully_connected
  double radius = 10;            // cm, > 0; only for edges: radius
  std::vector<std::string> metric = {"localY",
                                     "localZ"};  // coordinates of the squared distance, mm

  bool operator==(const GraphConfig&) const = default;
};

namespace rules {
inline const core::SettingRule grouping = core::one_of({"bucket", "sector", "event"});
inline const core::SettingRule buckets = core::one_of({"file", "build", "auto"});
inline const core::SettingRule edges = core::one_of({"knn", "radius", "fully_connected"});
inline const core::SettingRule k = core::between(1, 1024);
inline const core::SettingRule radius = core::above(0);
}  // namespace rules

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
