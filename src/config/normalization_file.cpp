#include <set>

#include <stationhit/config/load.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>

#include "dumper.hpp"
#include "reader.hpp"

namespace stationhit::config {
namespace {

using core::ConfigError;

// The file is written by the program, so every key has to be there.
void require_every_key(const YAML::Node& node, const std::string& where) {
  const features::FeatureStatistics statistics;
  features::FeatureStatistics::describe(
      statistics,
      [&](const char* key, const auto& member, const char*, const core::SettingRule& rule = {}) {
        if (node[key]) return;
        throw ConfigError(where + ":" + std::to_string(line_of(node)) + ": key " + key +
                          " is missing, expected " +
                          core::expectation_of<std::remove_cvref_t<decltype(member)>>(rule));
      });
}

features::FeatureStatistics read_feature(const YAML::Node& node, const std::string& where) {
  features::FeatureStatistics statistics;
  ErrorList errors;
  read_section<features::FeatureStatistics>(statistics, node,
                                            Place{where, "features", line_of(node)}, errors);
  errors.throw_if_any();
  require_every_key(node, where);
  return statistics;
}

std::uint64_t read_events(const YAML::Node& document, const std::string& where) {
  try {
    return document["events"].as<std::uint64_t>();
  } catch (const YAML::Exception&) {
    throw ConfigError(where +
                      ": events: expected a whole number; make the file again with the verb stats");
  }
}

std::string read_statistics_file(const std::filesystem::path& path) {
  try {
    return core::read_text_file(path);
  } catch (const core::DataError& error) {
    throw core::DataError(
        std::string(error.what()) +
        "; make the statistics with `stationhit stats`, or correct normalization_stats");
  }
}

}  // namespace

features::NormalizationStats load_normalization_stats(const std::filesystem::path& path) {
  const std::string where = path.string();
  const YAML::Node document = parse_document(read_statistics_file(path), where);
  const bool complete =
      document.IsMap() && document.size() == 2 && document["events"] && document["features"];
  if (!complete || !document["features"].IsSequence())
    throw ConfigError(where +
                      ": not a statistics file, expected the keys events and features (a list); "
                      "make it with the verb stats");
  features::NormalizationStats stats;
  stats.events = read_events(document, where);
  std::set<std::string> names;
  for (const YAML::Node& node : document["features"]) {
    stats.features.push_back(read_feature(node, where));
    const std::string& name = stats.features.back().name;
    if (!names.insert(name).second)
      throw ConfigError(where + ": feature " + name +
                        " is there twice; make the file again with the verb stats");
  }
  return stats;
}

void save_normalization_stats(const std::filesystem::path& path,
                              const features::NormalizationStats& stats) {
  std::string text =
      "# Statistics of the features over the nodes of the training split, written by the verb "
      "stats.\nevents: " +
      std::to_string(stats.events) + "\nfeatures:" + (stats.features.empty() ? " []" : "") + "\n";
  for (const features::FeatureStatistics& feature : stats.features) {
    const char* lead = "  - ";
    features::FeatureStatistics::describe(
        feature,
        [&](const char* key, const auto& value, const char*, const core::SettingRule& rule = {}) {
          text += lead + std::string(key) + ": " + yaml_value(value, rule) + "\n";
          lead = "    ";
        });
  }
  core::write_text_file(path, text);
}

}  // namespace stationhit::config
