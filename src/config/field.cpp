#include "field.hpp"

#include <cmath>

#include <stationhit/core/text.hpp>

namespace stationhit::config {
namespace {

std::string range_text(const Rule& rule) {
  const std::string min = core::to_text(rule.min), max = core::to_text(rule.max);
  if (std::isfinite(rule.min) && std::isfinite(rule.max)) return " in " + min + ".." + max;
  if (std::isfinite(rule.min)) return (rule.min_excluded ? " > " : " >= ") + min;
  return "";
}

struct TypeText {
  const Rule& rule;

  std::string operator()(std::monostate) const { return "a section with keys of its own"; }
  std::string operator()(const bool*) const { return "true or false"; }
  std::string operator()(const std::int32_t*) const { return "an integer" + range_text(rule); }
  std::string operator()(const std::uint32_t*) const { return unsigned_text(); }
  std::string operator()(const std::uint64_t*) const { return unsigned_text(); }
  std::string operator()(const double*) const { return "a number" + range_text(rule); }
  std::string operator()(const std::string*) const {
    if (!rule.allowed.empty()) return "one of " + core::join(rule.allowed);
    return rule.null_is_empty ? "text or null" : "text";
  }
  std::string operator()(const std::vector<std::string>*) const {
    return rule.allowed.empty() ? "a list of text" : "a list of " + core::join(rule.allowed);
  }
  std::string operator()(const std::vector<std::int32_t>*) const { return "a list of integers" + range_text(rule); }

 private:
  [[nodiscard]] std::string unsigned_text() const { return "an integer" + (std::isfinite(rule.min) ? range_text(rule) : " >= 0"); }
};

}  // namespace

std::string expectation(const Field& field) { return std::visit(TypeText{field.rule}, field.target); }

std::vector<std::string> keys_of(const Field& section) {
  std::vector<std::string> keys;
  for (const Field& child : section.children) keys.push_back(child.key);
  return keys;
}

}  // namespace stationhit::config
