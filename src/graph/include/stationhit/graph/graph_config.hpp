// How the graph of an event is built.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <stationhit/core/setting_rule.hpp>

namespace stationhit::graph {

struct GraphConfig {
  std::string grouping = "bucket";                         // groups in which edges are drawn: bucket
  std::string buckets = "auto";                            // file | build | auto (the file's own where it has them, else built by the bucket rule)
  std::string edges = "knn";                               // knn
  std::int32_t k = 16;                                     // neighbours per hit, >= 1
  std::vector<std::string> metric = {"localY", "localZ"};  // coordinates of the squared distance, mm

  bool operator==(const GraphConfig&) const = default;
};

namespace rules {
inline const core::SettingRule grouping = core::one_of({"bucket"});
inline const core::SettingRule buckets = core::one_of({"file", "build", "auto"});
inline const core::SettingRule edges = core::one_of({"knn"});
inline const core::SettingRule k = core::between(1, 1024);
}  // namespace rules

// The config as compact JSON, as it is stored in checkpoints and in the metadata of ONNX files, and back.
// from_json throws ConfigError naming `where`, the key and what is allowed.
[[nodiscard]] std::string to_json(const GraphConfig& config);
[[nodiscard]] GraphConfig from_json(const std::string& json, const std::string& where);

// Throws ConfigError naming the key, its value and what is allowed.
void check(const GraphConfig& config);

}  // namespace stationhit::graph
