// Single values of a YAML document, and how messages name them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <yaml-cpp/yaml.h>

#include <stationhit/config/devices.hpp>
#include <stationhit/core/numbers.hpp>
#include <stationhit/core/setting_value.hpp>

namespace stationhit::config {

// Where a value stands, for messages.
struct Place {
  std::string where;  // file, or the --set argument
  std::string path;   // key path
  int line = 0;       // 0: unknown

  // "run.yaml:5: training.epochs: "
  [[nodiscard]] std::string prefix() const;
};

// The only document of `yaml`; null for an empty text. Throws ConfigError naming `where` and the
// line.
[[nodiscard]] YAML::Node parse_document(std::string_view yaml, const std::string& where);

[[nodiscard]] int line_of(const YAML::Node& node);

// "null", "a list" or "the list [0, 0]" of single values, "a section", or the quoted text.
[[nodiscard]] std::string found_text(const YAML::Node& node);

// A scalar, or a list of scalars; nothing where it is not in the notation of `devices`.
[[nodiscard]] std::optional<Devices> read_devices(const YAML::Node& node);

// The text of `devices` in a node, whatever it is: a list is "[0, 2]".
[[nodiscard]] std::string devices_text(const YAML::Node& node);

// What a value must be, for messages and the page of parameters.
template <class T>
[[nodiscard]] std::string expected_text(const core::SettingRule& rule) {
  if constexpr (std::same_as<T, Devices>) {
    return devices_notation;
  } else {
    return core::expectation_of<T>(rule);
  }
}

// A scalar without quotes; quoted ones are text.
[[nodiscard]] bool is_plain(const YAML::Node& node);

// A plain scalar that is a whole number or decimal of type T.
template <class T>
[[nodiscard]] std::optional<T> read_number(const YAML::Node& node) {
  if (!is_plain(node)) return std::nullopt;
  return core::parse_number<T>(node.Scalar());
}

// The booleans of YAML's core schema, as Python writes them too.
[[nodiscard]] std::optional<bool> read_boolean(const YAML::Node& node);

// The value of a node; nothing where its type or the rule does not permit it.
template <class T>
[[nodiscard]] std::optional<T> read_value(const YAML::Node& node, const core::SettingRule& rule) {
  if constexpr (std::same_as<T, bool>) {
    return read_boolean(node);
  } else if constexpr (std::is_arithmetic_v<T>) {
    const auto value = read_number<T>(node);
    return value && core::permits(rule, static_cast<double>(*value)) ? value : std::nullopt;
  } else if constexpr (std::same_as<T, Devices>) {
    return read_devices(node);
  } else if constexpr (core::NamedEnum<T>) {
    return node.IsScalar() ? core::value_of<T>(node.Scalar()) : std::nullopt;
  } else if constexpr (core::AutoOrNumber<T>) {
    if (is_plain(node) && node.Scalar() == "auto") return std::optional<T>(std::in_place);
    const auto number = read_value<double>(node, rule);
    return number ? std::optional<T>(std::in_place, *number) : std::nullopt;
  } else {
    if (node.IsNull() && rule.or_null) return T();
    return node.IsScalar() && core::permits(rule, node.Scalar()) ? std::optional(node.Scalar())
                                                                 : std::nullopt;
  }
}

// Sets `target`; where it cannot, target stays and the node that is wrong is returned: `node` or
// an item of the list.
template <class T>
[[nodiscard]] std::optional<YAML::Node> read_into(T& target, const YAML::Node& node,
                                                  const core::SettingRule& rule) {
  if constexpr (core::SettingList<T>) {
    if (!node.IsSequence()) return node;
    T values;
    for (const YAML::Node& item : node) {
      auto value = read_value<core::Item<T>>(item, rule);
      if (!value) return item;
      values.push_back(std::move(*value));
    }
    target = std::move(values);
  } else {
    auto value = read_value<T>(node, rule);
    if (!value) return node;
    target = std::move(*value);
  }
  return std::nullopt;
}

// What to write instead of the wrong node `wrong` of a setting with the value `node`, as the end of
// a message; empty where nothing is near.
template <class T>
[[nodiscard]] std::string next_step(const YAML::Node& node, const YAML::Node& wrong,
                                    const core::SettingRule& rule) {
  if constexpr (std::same_as<T, Devices>) {
    return describe_mistake(devices_text(node));
  } else if constexpr (core::SettingList<T>) {
    // A value in the place of a list of it.
    if (node.IsScalar() && read_value<core::Item<T>>(node, rule))
      return "; write [" + node.Scalar() + "]";
  }
  return wrong.IsScalar() ? core::suggestion(rule, wrong.Scalar()) : "";
}

}  // namespace stationhit::config
