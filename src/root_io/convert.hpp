// Converts values of one numeric type to a column of another, with a check of the value range.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <stationhit/core/event.hpp>
#include <stationhit/core/text.hpp>

namespace stationhit::root_io {

// Truth links from here on mean "no muon" in files with wide types.
inline constexpr double no_link_from = 1e6;

// std::in_range does not accept char and bool.
template <class T>
[[nodiscard]] constexpr auto as_number(T value) {
  if constexpr (std::is_same_v<T, char>) {
    return static_cast<signed char>(value);
  } else if constexpr (std::is_same_v<T, bool>) {
    return static_cast<unsigned char>(value);
  } else {
    return value;
  }
}

// True if the value can be stored in Target without changing it (floating targets: rounding is
// allowed, overflow is not).
template <class Target, class Stored>
[[nodiscard]] bool fits(Stored stored) {
  const auto value = as_number(stored);
  using Value = decltype(as_number(stored));
  if constexpr (std::is_floating_point_v<Target>) {
    if constexpr (std::is_same_v<Value, double>) {
      return !(std::abs(value) > static_cast<double>(std::numeric_limits<Target>::max())) ||
             std::isinf(value);
    } else {
      return true;
    }
  } else if constexpr (std::is_floating_point_v<Value>) {
    // The upper limit + 1 is a power of two, exact in every floating type.
    constexpr auto end = static_cast<Value>(std::numeric_limits<Target>::max() / 2 + 1) * Value{2};
    return value >= static_cast<Value>(std::numeric_limits<Target>::min()) && value < end &&
           value == std::trunc(value);
  } else {
    return std::in_range<Target>(value);
  }
}

template <class Target, class Stored>
inline constexpr bool always_fits = std::is_same_v<Target, Stored> ||
                                    (std::is_floating_point_v<Target> &&
                                     !std::is_same_v<Stored, double>);

template <class Stored>
[[nodiscard]] std::string value_text(Stored value) {
  if constexpr (std::is_floating_point_v<Stored>) {
    return core::to_text(value);
  } else {
    return std::to_string(as_number(value));
  }
}

// Index of the first value that does not fit, or the size.
template <class Target, class List>
[[nodiscard]] std::size_t first_misfit(const List& in) {
  using Stored = typename List::value_type;
  if constexpr (always_fits<Target, Stored>) return in.size();
  bool all = true;
  for (std::size_t i = 0; i < in.size(); ++i) all &= fits<Target, Stored>(in[i]);
  if (all) return in.size();
  std::size_t i = 0;
  while (fits<Target, Stored>(in[i])) ++i;
  return i;
}

template <class Target, class Stored>
void convert(const std::vector<Stored>& in, std::vector<Target>& out) {
  out.resize(in.size());
  if constexpr (std::is_same_v<Stored, char> && std::is_same_v<Target, std::int8_t>) {
    if (!in.empty()) std::memcpy(out.data(), in.data(), in.size());
  } else {
    for (std::size_t i = 0; i < in.size(); ++i)
      out[i] = static_cast<Target>(as_number(static_cast<Stored>(in[i])));
  }
}

// Truth links of a wide type: from no_link_from on they mean "no muon". Replaces such values by
// ones that convert() turns into no_muon; unsigned types have none, therefore the detour over int64
// and float64.
template <class Stored>
[[nodiscard]] auto without_large_links(const std::vector<Stored>& links) {
  using Value = std::conditional_t<std::is_floating_point_v<Stored>, double, std::int64_t>;
  std::vector<Value> result(links.size());
  for (std::size_t i = 0; i < links.size(); ++i) {
    const bool none = static_cast<double>(as_number(links[i])) >= no_link_from;
    result[i] = none ? static_cast<Value>(core::no_muon) : static_cast<Value>(as_number(links[i]));
  }
  return result;
}

// Types that can hold such links.
template <class Stored>
inline constexpr bool can_hold_large_links = sizeof(Stored) >= 4;

}  // namespace stationhit::root_io
