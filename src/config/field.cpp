#include "field.hpp"

#include <cmath>

#include <stationhit/core/text.hpp>

namespace stationhit::config {
namespace {

struct TypeText {
  const Rule& rule;

  std::string operator()(std::monostate) const { return "a section with keys of its own"; }
  std::string operator()(const bool*) const { return "true or false"; }
  std::string operator()(const std::int32_t*) const {
    return core::expectation(rule, "an integer");
  }
  std::string operator()(const std::uint32_t*) const { return unsigned_text(); }
  std::string operator()(const std::uint64_t*) const { return unsigned_text(); }
  std::string operator()(const double*) const { return core::expectation(rule, "a number"); }
  std::string operator()(const std::string*) const {
    return core::expectation(rule, rule.null_is_empty ? "text or null" : "text");
  }
  std::string operator()(const Choice&) const { return core::expectation(rule, "text"); }
  std::string operator()(const std::vector<std::string>*) const {
    return rule.allowed.empty() ? "a list of text" : "a list of " + core::join(rule.allowed);
  }
  std::string operator()(const std::vector<std::int32_t>*) const {
    return core::expectation(rule, "a list of integers");
  }

 private:
  [[nodiscard]] std::string unsigned_text() const {
    return core::expectation(std::isfinite(rule.min) ? rule : Rule(core::at_least(0)),
                             "an integer");
  }
};

}  // namespace

std::string expectation(const Field& field) {
  return std::visit(TypeText{field.rule}, field.target);
}

std::vector<std::string> keys_of(const Field& section) {
  std::vector<std::string> keys;
  for (const Field& child : section.children) keys.push_back(child.key);
  return keys;
}

}  // namespace stationhit::config
