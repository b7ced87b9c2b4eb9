// Numbers in texts: read to their end, and the same in every locale.
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>
#include <type_traits>

namespace stationhit::core {

template <class T>
concept Number = std::is_arithmetic_v<T> && !std::same_as<T, bool>;

// The number that the whole text is, in decimal notation; a sign + is permitted. Nothing for other
// text before or after it (spaces too), for hexadecimal notation, and for numbers that T cannot
// hold. A floating-point type reads "inf" and "nan" as well: callers that want neither check with
// std::isfinite.
template <Number T>
[[nodiscard]] std::optional<T> parse_number(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  T value{};
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc{} || result.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace stationhit::core
