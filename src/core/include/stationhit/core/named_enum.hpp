// Closed choices: an enum whose values have the names that configurations, files and messages use.
//
//   enum class Aggregation { max, mean, sum };
//   constexpr auto names_of(Aggregation) { return std::to_array<std::string_view>({"max", "mean",
//   "sum"}); }
//
// The names are in the order of the values, which are 0, 1, 2, ...
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace stationhit::core {

template <class E>
concept NamedEnum = std::is_enum_v<E> && requires(E value) {
  { names_of(value)[0] } -> std::convertible_to<std::string_view>;
};

// The name of a value.
template <NamedEnum E>
[[nodiscard]] constexpr std::string_view name(E value) {
  return names_of(value)[static_cast<std::size_t>(value)];
}

// The value with this name; empty if there is none.
template <NamedEnum E>
[[nodiscard]] constexpr std::optional<E> value_of(std::string_view name) {
  const auto names = names_of(E{});
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return static_cast<E>(i);
  return std::nullopt;
}

// All names in the order of the values.
template <NamedEnum E>
[[nodiscard]] std::vector<std::string> all_names() {
  const auto names = names_of(E{});
  return {names.begin(), names.end()};
}

}  // namespace stationhit::core
