// Reading of JSON texts that came from outside. Json is a type with the interface of
// nlohmann::json, which stays with the modules that include it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <stationhit/core/errors.hpp>

namespace stationhit::core {

// The library takes JSON apart without recursion but copies and writes it with recursion, so that
// a text of a few kilobytes could overflow the stack. Nothing of this program is deeper than 10.
inline constexpr std::size_t max_json_depth = 64;

// The position of the bracket that is one level too many; nothing if there is none.
[[nodiscard]] std::optional<std::size_t> find_excessive_depth(std::string_view text);

// Throws DataError "<where>: is nested deeper than 64 levels ..." for a text of more levels.
void require_json_depth(std::string_view text, const std::string& where);

// What an exception of the JSON library says, without its number: "parse error at line 1, ...".
[[nodiscard]] std::string json_reason(std::string_view what);

// The text as JSON; a discarded value where it is none. Throws as require_json_depth does.
template <class Json>
[[nodiscard]] Json parse_json_or_discard(std::string_view text, const std::string& where) {
  require_json_depth(text, where);
  return Json::parse(text, nullptr, false);
}

// Runs `read` and turns what the JSON library throws for a missing key, a wrong type or a wrong
// value into a DataError naming `where`, the key and `next_step`.
template <class Json, class Read>
auto read_json(const std::string& where, const std::string& next_step, Read&& read) {
  try {
    return read();
  } catch (const typename Json::exception& error) {
    throw DataError(where + ": " + json_reason(error.what()) + "; " + next_step);
  }
}

}  // namespace stationhit::core
