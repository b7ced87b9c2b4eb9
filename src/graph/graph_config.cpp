// The graph settings travel as JSON in checkpoints, materialized data and model files. Reading
// starts from the defaults and is strict: unknown keys, wrong types and values out of range are
// errors that name the file, because a silently different graph would change every score.
#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/json_text.hpp>
#include <stationhit/core/settings_json.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/graph/graph_config.hpp>

#include "coordinates.hpp"

namespace stationhit::graph {
namespace {

using core::ConfigError;
using nlohmann::json;

std::string suggest(const std::string& word, std::span<const std::string> allowed) {
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
                        "\", allowed: " + core::join(allowed) + suggest(*name, allowed));
    if (std::find(metric.begin(), name, *name) != name)
      throw ConfigError("graph.metric names the coordinate " + *name + " twice, give each once");
  }
}

json parse_object(const std::string& text, const std::string& where) {
  json object = core::parse_json_or_discard<json>(text, where);
  if (object.is_discarded())
    throw ConfigError(where + ": the graph settings are not valid JSON: " + text);
  if (!object.is_object())
    throw ConfigError(where + ": the graph settings are not a JSON object: " + text);
  return object;
}

void check_keys(const json& object, const std::vector<std::string>& allowed) {
  for (const auto& [key, value] : object.items()) {
    if (std::find(allowed.begin(), allowed.end(), key) == allowed.end())
      throw ConfigError("unknown key graph." + key + ", allowed: " + core::join(allowed) +
                        suggest(key, allowed));
  }
}

}  // namespace

bool has_table(const GraphConfig& config) { return config.edges != EdgeKind::fully_connected; }
std::int32_t table_columns(const GraphConfig& config) { return has_table(config) ? config.k : 0; }

bool has_effect(const GraphConfig& config, std::string_view setting) {
  if (setting == "k" || setting == "metric") return has_table(config);
  return setting != "radius" || config.edges == EdgeKind::radius;
}

// The order of the keys is fixed, because the text itself is compared and hashed.
std::string to_json(const GraphConfig& config) {
  return core::settings_to_json<nlohmann::ordered_json>(config).dump();
}

GraphConfig from_json(const std::string& text, const std::string& where) {
  const json object = parse_object(text, where);
  GraphConfig config;
  try {
    check_keys(object, core::keys_of<GraphConfig>());
    core::settings_from_json(object, config, "graph");
    check(config);
  } catch (const ConfigError& error) {
    throw ConfigError(where + ": " + error.what());
  }
  return config;
}

void check(const GraphConfig& config) {
  core::check_settings(config, "graph");
  check_metric(config.metric);
}

}  // namespace stationhit::graph
