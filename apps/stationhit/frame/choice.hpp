// Options whose values are the names of an enum.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <stationhit/core/named_enum.hpp>
#include <stationhit/core/numbers.hpp>

namespace stationhit::app {

// Adds an option that takes one of the given names of E and sets `value`; help shows the names and
// the default, which is the value that the variable has now.
template <core::NamedEnum E>
CLI::Option* add_choice(CLI::App& verb, const std::string& name, E& value,
                        const std::string& meaning,
                        const std::vector<std::string>& names = core::all_names<E>()) {
  return verb
      .add_option_function<std::string>(
          name, [&value](const std::string& text) { value = core::value_of<E>(text).value(); },
          meaning)
      ->check(CLI::IsMember(names))
      ->default_str(std::string(core::name(value)));
}

// For integers of a range.
inline CLI::Validator integer_between(std::uint64_t low, std::uint64_t high) {
  const std::string range = std::to_string(low) + " to " + std::to_string(high);
  return CLI::Validator(
      [=](const std::string& text) {
        const auto number = core::parse_number<std::uint64_t>(text);
        return number && *number >= low && *number <= high
                   ? std::string()
                   : "expected an integer from " + range + ", found '" + text + "'";
      },
      range, "range");
}

// For finite numbers that must not be negative.
inline CLI::Validator not_negative() {
  return CLI::Validator(
      [](const std::string& text) {
        const auto number = core::parse_number<double>(text);
        return number && std::isfinite(*number) && *number >= 0
                   ? std::string()
                   : "expected a number >= 0, found '" + text + "'";
      },
      ">= 0", "not negative");
}

// For integers that must not be 0.
inline CLI::Validator positive_number() {
  return CLI::Validator(
      [](const std::string& text) {
        const auto number = core::parse_number<std::uint64_t>(text);
        return number && *number > 0 ? std::string()
                                     : "expected an integer > 0, found '" + text + "'";
      },
      "> 0", "positive");
}

}  // namespace stationhit::app
