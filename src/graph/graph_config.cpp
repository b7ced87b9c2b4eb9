// The graph settings travel as JSON in checkpoints, materialized data and model files. Reading
// starts from the defaults and is strict: unknown keys, wrong types and values out of range are
// errors that name the file, because a silently different graph would change every score.
#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/graph/graph_config.hpp>

#include "coordinates.hpp"

namespace stationhit::graph {
namespace {

using core::ConfigError;
using nlohmann::json;

std::string hint(const std::string& word, std::span<const std::string> allowed) {
  const std::string close = core::nearest(word, allowed);
  return close.empty() ? "" : " (did you mean " + close + "?)";
}

void check_metric(const std::vector<std::string>& metric) {
  const auto allowed = coordinate_names();
  if (metric.empty())
    throw ConfigError("graph.metric is empty, give one or more of: " + core::join(allowed));
  for (auto name = metric.begin(); name != metric.end(); ++name) {
    if (find_coordinate(*name) == nullptr)
      throw ConfigError("graph.metric has the unknown coordinate \"" + *name +
                        "\", allowed: " + core::join(allowed) + hint(*name, allowed));
    if (std::find(metric.begin(), name, *name) != name)
      throw ConfigError("graph.metric names the coordinate " + *name + " twice, give each once");
  }
}

// Reads typed members of a JSON object; every error names the place and the key.
class Object {
 public:
  Object(const std::string& text, std::string where)
      : where_(std::move(where)), object_(json::parse(text, nullptr, false)) {
    if (object_.is_discarded())
      throw ConfigError(where_ + ": the graph settings are not valid JSON: " + text);
    if (!object_.is_object())
      throw ConfigError(where_ + ": the graph settings are not a JSON object: " + text);
  }

  void check_keys(const std::vector<std::string>& allowed) const {
    for (const auto& [key, value] : object_.items()) {
      if (std::find(allowed.begin(), allowed.end(), key) == allowed.end())
        throw ConfigError(where_ + ": unknown key graph." + key +
                          ", allowed: " + core::join(allowed) + hint(key, allowed));
    }
  }

  void read(const char* key, std::string& value) const {
    if (const json* found = find(key)) value = as_text(key, *found, "a string");
  }

  void read(const char* key, std::int32_t& value) const {
    const json* found = find(key);
    if (found == nullptr) return;
    if (!found->is_number_integer()) fail(key, *found, "an integer");
    // The library would wrap a number that is too large without a word.
    const bool fits = found->is_number_unsigned() ? found->get<std::uint64_t>() <= INT32_MAX
                                                  : found->get<std::int64_t>() >= INT32_MIN;
    if (!fits) fail(key, *found, "an integer of 32 bits");
    value = found->get<std::int32_t>();
  }

  void read(const char* key, double& value) const {
    const json* found = find(key);
    if (found == nullptr) return;
    if (!found->is_number()) fail(key, *found, "a number");
    value = found->get<double>();
  }

  void read(const char* key, std::vector<std::string>& value) const {
    const json* found = find(key);
    if (found == nullptr) return;
    if (!found->is_array()) fail(key, *found, "a list of strings");
    value.clear();
    for (const json& item : *found) value.push_back(as_text(key, item, "a list of strings"));
  }

 private:
  [[nodiscard]] const json* find(const char* key) const {
    const auto found = object_.find(key);
    return found == object_.end() ? nullptr : &*found;
  }

  [[nodiscard]] std::string as_text(const char* key, const json& value,
                                    const char* expected) const {
    if (!value.is_string()) fail(key, value, expected);
    return value.get<std::string>();
  }

  [[noreturn]] void fail(const char* key, const json& value, const char* expected) const {
    throw ConfigError(where_ + ": graph." + key + " is " + value.dump() + ", expected " + expected);
  }

  std::string where_;
  json object_;
};

}  // namespace

bool has_table(const GraphConfig& config) { return config.edges != "fully_connected"; }
std::int32_t table_columns(const GraphConfig& config) { return has_table(config) ? config.k : 0; }

// The order of the keys is fixed, because the text itself is compared and hashed.
std::string to_json(const GraphConfig& config) {
  nlohmann::ordered_json object;
  object["grouping"] = config.grouping;
  object["buckets"] = config.buckets;
  object["edges"] = config.edges;
  object["k"] = config.k;
  object["radius"] = config.radius;
  object["metric"] = config.metric;
  return object.dump();
}

GraphConfig from_json(const std::string& text, const std::string& where) {
  const Object object(text, where);
  object.check_keys({"grouping", "buckets", "edges", "k", "radius", "metric"});
  GraphConfig config;
  object.read("grouping", config.grouping);
  object.read("buckets", config.buckets);
  object.read("edges", config.edges);
  object.read("k", config.k);
  object.read("radius", config.radius);
  object.read("metric", config.metric);
  try {
    check(config);
  } catch (const ConfigError& error) {
    throw ConfigError(where + ": " + error.what());
  }
  return config;
}

void check(const GraphConfig& config) {
  core::require("graph.grouping", config.grouping, rules::grouping);
  core::require("graph.buckets", config.buckets, rules::buckets);
  core::require("graph.edges", config.edges, rules::edges);
  core::require("graph.k", config.k, rules::k);
  core::require("graph.radius", config.radius, rules::radius);
  check_metric(config.metric);
}

}  // namespace stationhit::graph
