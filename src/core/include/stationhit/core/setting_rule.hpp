// What a single setting may be: the rule that stands in the description of a config struct
// (core/settings.hpp).
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
  bool max_excluded = false;
  bool or_null = false;  // texts: null is read as the empty text, which is written as null
  bool is_path = false;  // texts: a file or folder, where `~/` means the home directory
};

[[nodiscard]] SettingRule one_of(std::vector<std::string> allowed);
[[nodiscard]] SettingRule at_least(double min);
[[nodiscard]] SettingRule above(double min);
[[nodiscard]] SettingRule between(double min, double max);   // ends included
[[nodiscard]] SettingRule above_to(double min, double max);  // only max included
[[nodiscard]] SettingRule inside(double min, double max);    // ends excluded
[[nodiscard]] SettingRule text_or_null();                    // any text; null = the empty one
[[nodiscard]] SettingRule path_text();                       // a file or folder
[[nodiscard]] SettingRule path_or_null();                    // the same; null = none

[[nodiscard]] bool permits(const SettingRule& rule, double value);  // never NaN or Inf
[[nodiscard]] bool permits(const SettingRule& rule, const std::string& value);

// "an integer in 1..4096" of the noun "an integer", "a number > 0"; "one of max, mean, sum" where
// texts are listed.
[[nodiscard]] std::string expectation(const SettingRule& rule, const std::string& noun);
// "; did you mean 'mean'?" where an allowed text is near, else "".
[[nodiscard]] std::string suggestion(const SettingRule& rule, const std::string& value);

// Throws ConfigError "<key>: expected <expectation>, found '<value>'<hint>".
[[noreturn]] void reject(const std::string& key, const std::string& expectation,
                         const std::string& value, const std::string& hint = "");

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
