// Description of a config struct: the one source of parser, dumper and documentation page.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <stationhit/core/settings.hpp>

namespace stationhit::config {

// What a value may be, beyond its type.
struct Rule : core::SettingRule {
  bool null_is_empty = false;  // null is read as the empty string, which is written as null

  Rule() = default;
  Rule(core::SettingRule of_module) : core::SettingRule(std::move(of_module)) {}
};

// A member that is a closed choice, by the names of its values.
struct Choice {
  std::function<std::string()> get;
  std::function<void(const std::string& name)> set;  // of an allowed name
};

// A key of the YAML file: a value (reference to a member) or a section with keys of its own (target
// monostate).
struct Field {
  using Target =
      std::variant<std::monostate, bool*, std::int32_t*, std::uint32_t*, std::uint64_t*, double*,
                   std::string*, std::vector<std::string>*, std::vector<std::int32_t>*, Choice>;
  std::string key;
  std::string doc;  // one line, with the unit
  Target target;
  Rule rule;
  std::vector<Field> children;

  [[nodiscard]] bool is_section() const { return std::holds_alternative<std::monostate>(target); }
};

// "an integer >= 1", "one of max, mean, sum", "a list of strings": the type and what the rule
// allows.
[[nodiscard]] std::string expectation(const Field& field);

// All keys of a section.
[[nodiscard]] std::vector<std::string> keys_of(const Field& section);

// The fields of a struct that describes its settings (core/settings.hpp).
template <core::Described Config>
[[nodiscard]] std::vector<Field> fields_of(Config& config) {
  std::vector<Field> fields;
  Config::describe(config, [&fields]<class Member>(const char* key, Member& member,
                                                   const char* meaning, Rule rule = {}) {
    if constexpr (core::Described<Member>) {
      fields.push_back({key, meaning, std::monostate{}, {}, fields_of(member)});
    } else if constexpr (core::NamedEnum<Member>) {
      const Choice choice{
          [&member] { return std::string(core::name(member)); },
          [&member](const std::string& name) { member = core::value_of<Member>(name).value(); }};
      fields.push_back({key, meaning, choice, core::one_of(core::all_names<Member>()), {}});
    } else {
      fields.push_back({key, meaning, &member, std::move(rule), {}});
    }
  });
  return fields;
}

inline Rule or_null() {
  Rule rule;
  rule.null_is_empty = true;
  return rule;
}

}  // namespace stationhit::config
