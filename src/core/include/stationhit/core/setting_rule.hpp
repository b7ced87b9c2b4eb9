// The allowed values of a setting. Each rule is defined once, next to its config struct
// (architecture/model_config.hpp, ...); the YAML parser, the parameter page and the check() of the
// module all read it there.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace stationhit::core {

struct SettingRule {
  std::vector<std::string> allowed;  // texts; empty = any
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool min_excluded = false;
};

[[nodiscard]] SettingRule one_of(std::vector<std::string> allowed);
[[nodiscard]] SettingRule at_least(double min);
[[nodiscard]] SettingRule above(double min);
[[nodiscard]] SettingRule between(double min, double max);   // ends included
[[nodiscard]] SettingRule above_to(double min, double max);  // only max included

[[nodiscard]] bool permits(const SettingRule& rule, double value);  // never NaN or Inf
[[nodiscard]] bool permits(const SettingRule& rule, const std::string& value);

// "an integer in 1..4096" of the noun "an integer", "a number > 0"; "one of max, mean, sum" where
// texts are listed.
[[nodiscard]] std::string expectation(const SettingRule& rule, const std::string& noun);
// "; did you mean 'mean'?" where an allowed text is near, else "".
[[nodiscard]] std::string suggestion(const SettingRule& rule, const std::string& value);

// Throw ConfigError "<key>: expected an integer in 1..4096, found '0'" where the rule does not
// permit the value.
void require(const std::string& key, const std::string& value, const SettingRule& rule);
void require(const std::string& key, double value, const SettingRule& rule);
void require(const std::string& key, std::int64_t value, const SettingRule& rule);
template <std::integral Integer>
void require(const std::string& key, Integer value, const SettingRule& rule) {
  require(key, static_cast<std::int64_t>(value), rule);
}

}  // namespace stationhit::core
