// The types that a setting may have, and texts of them: what a value must be and what it is.
#pragma once

#include <cmath>
#include <concepts>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <stationhit/core/named_enum.hpp>
#include <stationhit/core/setting_rule.hpp>
#include <stationhit/core/text.hpp>

namespace stationhit::core {

namespace detail {
template <class T>
struct ListItem {
  using Type = void;
};
template <class T>
struct ListItem<std::vector<T>> {
  using Type = T;
};
}  // namespace detail

// A list of values; Item<List> is the type of one of them.
template <class T>
using Item = typename detail::ListItem<std::remove_const_t<T>>::Type;
template <class T>
concept SettingList = !std::is_void_v<Item<T>>;

// A number, or nothing for `auto`.
template <class T>
concept AutoOrNumber = std::same_as<std::remove_const_t<T>, std::optional<double>>;

// The rule with what the type itself asks for: the names of an enum, no negative numbers.
template <class Value>
[[nodiscard]] SettingRule complete_rule(const SettingRule& rule) {
  using Type = std::remove_const_t<Value>;
  if constexpr (SettingList<Type>) {
    return complete_rule<Item<Type>>(rule);
  } else if constexpr (NamedEnum<Type>) {
    return one_of(all_names<Type>());
  } else if constexpr (std::unsigned_integral<Type>) {
    SettingRule complete = rule;
    if (!std::isfinite(complete.min)) complete.min = 0;
    return complete;
  } else {
    return rule;
  }
}

// What a value must be: "an integer >= 1", "one of max, mean, sum", "a list of text".
template <class Value>
[[nodiscard]] std::string expectation_of(const SettingRule& rule) {
  using Type = std::remove_const_t<Value>;
  const SettingRule complete = complete_rule<Type>(rule);
  if constexpr (std::same_as<Type, bool>) {
    return "true or false";
  } else if constexpr (std::integral<Type>) {
    return expectation(complete, "an integer");
  } else if constexpr (std::floating_point<Type>) {
    return expectation(complete, "a number");
  } else if constexpr (AutoOrNumber<Type>) {
    return "auto or " + expectation(complete, "a number");
  } else if constexpr (!SettingList<Type>) {
    return expectation(complete, rule.or_null ? "text or null" : "text");
  } else if constexpr (std::integral<Item<Type>>) {
    return expectation(complete, "a list of integers");
  } else if constexpr (std::floating_point<Item<Type>>) {
    return expectation(complete, "a list of numbers");
  } else {
    return "a list of " + (complete.allowed.empty() ? "text" : join(complete.allowed));
  }
}

// A value as text: "3.5", "true", "edgeconv", "auto", "[1, 2]".
template <class Value>
[[nodiscard]] std::string value_text(const Value& value) {
  if constexpr (std::same_as<Value, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::integral<Value>) {
    return std::to_string(value);
  } else if constexpr (std::floating_point<Value>) {
    return to_text(value);
  } else if constexpr (NamedEnum<Value>) {
    return std::string(name(value));
  } else if constexpr (AutoOrNumber<Value>) {
    return value ? to_text(*value) : "auto";
  } else if constexpr (SettingList<Value>) {
    std::vector<std::string> texts;
    for (const auto& item : value) texts.push_back(value_text(item));
    return "[" + join(texts) + "]";
  } else {
    return value;
  }
}

}  // namespace stationhit::core
