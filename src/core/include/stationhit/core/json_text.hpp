// Reading of JSON texts that came from outside. Json is a type with the interface of
// nlohmann::json, which stays with the modules that include it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <stationhit/core/errors.hpp>

namespace stationhit::core {

// The library takes JSON apart without recursion but copies and writes it with recursion, so that
// a text of a few kilobytes could overflow the stack. Nothing of this program is deeper than 10.
inline constexpr std::size_t max_json_depth = 64;

// Throws DataError "<where>: is nested deeper than 64 levels ..." for a text of more levels.
void require_json_depth(std::string_view text, const std::string& where);

// What an exception of the JSON library says, without its number: "parse error at line 1, ...".
[[nodiscard]] std::string json_reason(std::string_view what);

// The text as JSON. Throws DataError naming `where`, the place and `next_step`
// ("prepare the data again").
template <class Json>
[[nodiscard]] Json parse_json(std::string_view text, const std::string& where,
                              const std::string& next_step) {
  require_json_depth(text, where);
  try {
    return Json::parse(text);
  } catch (const typename Json::exception& error) {
    throw DataError(where + ": is not valid JSON: " + json_reason(error.what()) + "; " + next_step);
  }
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
