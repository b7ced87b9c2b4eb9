#include <algorithm>
#include <optional>
#include <set>

#include <stationhit/config/study_config.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/numbers.hpp>
#include <stationhit/features/features.hpp>

namespace stationhit::config {
namespace {

constexpr std::int32_t largest_scale = 20;

template <class T>
void require_each_once(const std::string& key, const std::vector<T>& values) {
  std::set<T> seen;
  for (const T& value : values) {
    if (seen.insert(value).second) continue;
    throw core::ConfigError(key + " has " + core::value_text(value) + " twice; give each once");
  }
}

// An empty group is one that is not studied.
void check_groups(const FeatureGroups& groups) {
  core::visit_settings(groups, "study.groups",
                       [](const std::string& key, const std::vector<std::string>& names,
                          const char*, const core::SettingRule&) {
                         if (names.empty()) return;
                         try {
                           features::check_feature_names(names);
                         } catch (const core::ConfigError& error) {
                           throw core::ConfigError(key + ": " + error.what());
                         }
                       });
}

void check_metric(const std::vector<std::string>& metric) {
  try {
    graph::check({.metric = metric});
  } catch (const core::ConfigError& error) {
    throw core::ConfigError("study.wide_metric as " + std::string(error.what()));
  }
}

std::optional<std::vector<std::int32_t>> read_range(const std::string& text) {
  const auto dots = text.find("..");
  if (dots == std::string::npos) return std::nullopt;
  const auto first = core::parse_number<std::int32_t>(text.substr(0, dots));
  const auto last = core::parse_number<std::int32_t>(text.substr(dots + 2));
  if (!first || !last || *first > *last || *first < -largest_scale || *last > largest_scale)
    return std::nullopt;
  std::vector<std::int32_t> scales;
  for (std::int32_t scale = *first; scale <= *last; ++scale) scales.push_back(scale);
  return scales;
}

}  // namespace

std::vector<std::int32_t> scales_of_range(const std::string& range) {
  auto scales = read_range(range);
  if (scales) return std::move(*scales);
  core::reject("study.scales", "ranges within -20..20 such as -6..6", range);
}

void check(const StudyConfig& config) {
  core::check_settings(config, "study");
  if (config.seeds.empty())
    throw core::ConfigError("study.seeds is empty; give at least one seed, for example [1, 2, 3]");
  core::visit_settings(
      config, "study",
      [](const std::string& key, const auto& value, const char*, const core::SettingRule&) {
        if constexpr (core::SettingList<std::remove_cvref_t<decltype(value)>>)
          require_each_once(key, value);
      });
  check_groups(config.groups);
  check_metric(config.wide_metric);
  for (const std::string& range : config.scales) (void)scales_of_range(range);
}

}  // namespace stationhit::config
