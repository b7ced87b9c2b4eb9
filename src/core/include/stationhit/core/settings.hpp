// One description per setting. A config struct describes its members beside them, once:
//
//   struct OptimizerConfig {
//     Optimizer name = Optimizer::adamw;
//     double learning_rate = 1e-3;
//
//     static void describe(auto& self, auto&& setting) {
//       setting("name", self.name, "Optimizer");
//       setting("learning_rate", self.learning_rate, "Learning rate at the start", core::above(0));
//     }
//   };
//
// Parser, checks, dump, JSON of checkpoints, comparison of two configurations and the page of
// parameters are visitors: callables that take (key, member, meaning with its unit) and
// optionally the rule for the value. A member that is Described itself is a section. Other members
// are bool, integers, double, std::string, NamedEnum, std::optional<double> (nothing is written
// `auto`) and lists of these. The allowed values of a NamedEnum are its names and need no rule;
// the rule of a list holds for each of its values.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <stationhit/core/setting_value.hpp>
#include <stationhit/core/threads.hpp>

namespace stationhit::core {

namespace detail {
struct AnyVisitor {
  template <class Member>
  void operator()(const char*, Member&, const char*, const SettingRule& = {}) const {}
};
}  // namespace detail

template <class Config>
concept Described = requires(Config& config) {
  Config::describe(config, detail::AnyVisitor{});
};

// The setting of every stage that spreads its work.
void describe_threads(auto& threads, auto&& setting) {
  setting("threads", threads, "Threads, 0 = all cores; results do not depend on it",
          between(0, max_threads));
}

// Key path of a setting below a section; the empty section is the whole configuration.
[[nodiscard]] inline std::string key_path(const std::string& section, std::string_view key) {
  return section.empty() ? std::string(key) : section + "." + std::string(key);
}

// Calls `visit(path, member, meaning, rule)` for all settings below a section, not for sections.
template <class Config, class Visit>
requires Described<Config>
void visit_settings(Config& config, const std::string& section, Visit&& visit) {
  Config::describe(config, [&](const char* key, auto& member, const char* meaning,
                               const SettingRule& rule = {}) {
    if constexpr (Described<std::remove_reference_t<decltype(member)>>) {
      visit_settings(member, key_path(section, key), visit);
    } else {
      visit(key_path(section, key), member, meaning, rule);
    }
  });
}

// Calls `visit(member, rule)` for the setting or section `key` of this section; false: none.
template <class Config, class Visit>
requires Described<Config>
bool visit_key(Config& config, std::string_view key, Visit&& visit) {
  bool found = false;
  Config::describe(config,
                   [&](const char* name, auto& member, const char*, const SettingRule& rule = {}) {
                     if (key != name) return;
                     found = true;
                     visit(member, rule);
                   });
  return found;
}

// Keys of a section in the order of the description.
template <Described Config>
[[nodiscard]] std::vector<std::string> keys_of() {
  std::vector<std::string> keys;
  Config config;
  Config::describe(config, [&](const char* key, auto&, const char*, const SettingRule& = {}) {
    keys.emplace_back(key);
  });
  return keys;
}

// Key paths of a section and of the sections below it, a section before its own keys.
template <Described Config>
[[nodiscard]] std::vector<std::string> all_paths_of(const std::string& section = "") {
  std::vector<std::string> paths;
  Config config;
  Config::describe(config,
                   [&](const char* key, auto& member, const char*, const SettingRule& = {}) {
                     using Member = std::remove_reference_t<decltype(member)>;
                     paths.push_back(key_path(section, key));
                     if constexpr (Described<Member>) {
                       for (auto& path : all_paths_of<Member>(paths.back()))
                         paths.push_back(std::move(path));
                     }
                   });
  return paths;
}

namespace detail {
template <class Value>
void require_permitted(const std::string& path, const Value& value, const SettingRule& rule) {
  if constexpr (SettingList<Value>) {
    for (const auto& item : value) require_permitted(path, item, rule);
  } else if constexpr (AutoOrNumber<Value>) {
    if (value && !permits(rule, *value)) reject(path, expectation_of<Value>(rule), to_text(*value));
  } else if constexpr (!std::same_as<Value, bool> && !NamedEnum<Value>) {
    require(path, value, rule);
  }
}
}  // namespace detail

// Throws ConfigError naming the first setting whose value its rule does not permit, its key path
// below `section`, what is expected and the value.
template <Described Config>
void check_settings(const Config& config, const std::string& section = "") {
  visit_settings(config, section,
                 [](const std::string& path, const auto& value, const char*,
                    const SettingRule& rule) { detail::require_permitted(path, value, rule); });
}

struct SettingDifference {
  std::string key;  // key path
  std::string first, second;
};

// The settings that differ between two configurations, in the order of the description.
// `text` makes a text of any value.
template <Described Config, class Text>
[[nodiscard]] std::vector<SettingDifference> find_differences(const Config& first,
                                                              const Config& second,
                                                              const std::string& section,
                                                              Text&& text) {
  std::vector<SettingDifference> settings;
  visit_settings(first, section,
                 [&](const std::string& path, const auto& value, const char*, const SettingRule&) {
                   settings.push_back({path, text(value), ""});
                 });
  auto next = settings.begin();
  visit_settings(second, section,
                 [&](const std::string&, const auto& value, const char*, const SettingRule&) {
                   (next++)->second = text(value);
                 });
  std::erase_if(settings, [](const auto& setting) { return setting.first == setting.second; });
  return settings;
}
template <Described Config>
[[nodiscard]] std::vector<SettingDifference> find_differences(const Config& first,
                                                              const Config& second,
                                                              const std::string& section = "") {
  return find_differences(first, second, section,
                          [](const auto& value) { return value_text(value); });
}

}  // namespace stationhit::core
