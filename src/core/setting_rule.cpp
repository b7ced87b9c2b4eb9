// A rule serves three readers: the check of a value, the text of the error and the generated table
// of settings. Messages are built from the rule itself, so they cannot contradict what is
// permitted.
#include <algorithm>
#include <cmath>
#include <limits>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/numbers.hpp>
#include <stationhit/core/setting_rule.hpp>
#include <stationhit/core/text.hpp>

namespace stationhit::core {

SettingRule one_of(std::vector<std::string> allowed) {
  SettingRule rule;
  rule.allowed = std::move(allowed);
  return rule;
}

SettingRule at_least(double min) {
  SettingRule rule;
  rule.min = min;
  return rule;
}

SettingRule above(double min) {
  SettingRule rule = at_least(min);
  rule.min_excluded = true;
  return rule;
}

SettingRule above_to(double min, double max) {
  SettingRule rule = above(min);
  rule.max = max;
  return rule;
}

SettingRule between(double min, double max) {
  SettingRule rule = at_least(min);
  rule.max = max;
  return rule;
}

SettingRule inside(double min, double max) {
  SettingRule rule = above_to(min, max);
  rule.max_excluded = true;
  return rule;
}

SettingRule text_or_null() {
  SettingRule rule;
  rule.or_null = true;
  return rule;
}

SettingRule path_text() {
  SettingRule rule;
  rule.is_path = true;
  return rule;
}

SettingRule path_or_null() {
  SettingRule rule = path_text();
  rule.or_null = true;
  return rule;
}

namespace {

// Whether the letters of `part` are in `whole`, in their order.
bool has_letters(const std::string& whole, std::string_view part) {
  for (const char letter : whole)
    if (part.starts_with(letter)) part.remove_prefix(1);
  return part.empty();
}

// The only allowed text of three letters or more that begins like the value and is the value with
// letters left out: "bf16" of "bfloat16".
std::string find_abbreviation(const std::string& value, const std::vector<std::string>& allowed) {
  std::string found;
  for (const std::string& text : allowed) {
    if (text.size() < 3 || !value.starts_with(text.front()) || !has_letters(value, text)) continue;
    if (!found.empty()) return "";
    found = text;
  }
  return found;
}

// Everything is computed in float32: a number that is infinite there, or 0 though it is not 0, is
// another number than the one that was written.
bool is_a_float(double value) {
  const double size = std::abs(value);
  return size == 0 || (size >= std::numeric_limits<float>::denorm_min() &&
                       size <= std::numeric_limits<float>::max());
}

std::string float_hint(double value) {
  return std::isfinite(value) && !is_a_float(value)
             ? "; numbers are float32: 0, or between 1e-38 and 3.4e38 in size"
             : "";
}

}  // namespace

bool permits(const SettingRule& rule, double value) {
  return is_a_float(value) && (rule.max_excluded ? value < rule.max : value <= rule.max) &&
         (rule.min_excluded ? value > rule.min : value >= rule.min);
}

bool permits(const SettingRule& rule, const std::string& value) {
  return rule.allowed.empty() || std::ranges::find(rule.allowed, value) != rule.allowed.end();
}

std::string expectation(const SettingRule& rule, const std::string& noun) {
  if (!rule.allowed.empty()) return "one of " + join(rule.allowed);
  const std::string min = to_text(rule.min);
  if (std::isfinite(rule.min) && std::isfinite(rule.max))
    return noun + (rule.min_excluded ? " > " + min + (rule.max_excluded ? " and < " : " and <= ") +
                                           to_text(rule.max)
                                     : " in " + min + ".." + to_text(rule.max));
  if (std::isfinite(rule.min)) return noun + (rule.min_excluded ? " > " : " >= ") + min;
  return noun;
}

std::string suggestion(const SettingRule& rule, const std::string& value) {
  if (const auto number = parse_number<double>(value); number && rule.allowed.empty())
    return float_hint(*number);
  std::string guess = nearest(value, rule.allowed);
  if (guess.empty()) guess = find_abbreviation(value, rule.allowed);
  return guess.empty() ? "" : "; did you mean '" + guess + "'?";
}

void reject(const std::string& key, const std::string& expectation, const std::string& value,
            const std::string& hint) {
  throw ConfigError(key + ": expected " + expectation + ", found '" + value + "'" + hint);
}

void require(const std::string& key, const std::string& value, const SettingRule& rule) {
  if (!permits(rule, value)) reject(key, expectation(rule, "text"), value, suggestion(rule, value));
}

void require(const std::string& key, double value, const SettingRule& rule) {
  if (!permits(rule, value))
    reject(key, expectation(rule, "a number"), to_text(value), float_hint(value));
}

void require(const std::string& key, std::int64_t value, const SettingRule& rule) {
  if (!permits(rule, static_cast<double>(value)))
    reject(key, expectation(rule, "an integer"), std::to_string(value));
}

}  // namespace stationhit::core
