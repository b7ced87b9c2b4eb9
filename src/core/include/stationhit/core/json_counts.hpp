// Numbers of a JSON text that count something. Json is a type with the interface of nlohmann::json.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>

#include <stationhit/core/errors.hpp>

namespace stationhit::core {

// More than there is of anything; sums of counts up to it cannot overflow.
inline constexpr std::uint64_t max_count = 1'000'000'000'000'000;

// Whether the value is a whole number that T can hold. The library converts every number: -1 to a
// huge one, 1.5 to 1, and 1e30 to anything.
template <std::integral T, class Json>
[[nodiscard]] bool is_whole(const Json& value) {
  if (value.is_number_unsigned()) return std::in_range<T>(value.template get<std::uint64_t>());
  return value.is_number_integer() && std::in_range<T>(value.template get<std::int64_t>());
}

// The whole number under `key` of an object. Throws an exception of the library, which read_json
// (json_text.hpp) turns into an error with its place, for a missing key and any other value.
template <std::integral T, class Json>
[[nodiscard]] T read_whole(const Json& object, const char* key) {
  const Json& value = object.at(key);
  if (is_whole<T>(value)) return value.template get<T>();
  throw Json::out_of_range::create(
      406, std::string(key) + " is " + value.dump() + ", expected a whole number in range", &value);
}

// Throws DataError "<path> is -1, expected ..." for a number in `part` or below it that is no
// count. The library would read -1 as a huge number and 1.5 as 1.
template <class Json>
void require_counts(const Json& part, const std::string& path) {
  for (const auto& [name, value] : part.items()) {
    std::string inner = path;
    inner.append(".").append(name);
    if (value.is_structured()) require_counts(value, inner);
    const bool is_number = value.is_number() || value.is_boolean();
    const bool is_count =
        value.is_number_unsigned() && value.template get<std::uint64_t>() <= max_count;
    if (is_number && !is_count)
      throw DataError(inner + " is " + value.dump() +
                      ", expected a whole number from 0 to 1000000000000000");
  }
}

// The same for the parts of a document with these names, those that it has. The message begins with
// `where` and ends with `next_step`.
template <class Json>
void require_counts_in(const Json& document, std::initializer_list<const char*> parts,
                       const std::string& where, const std::string& next_step) try {
  for (const char* part : parts)
    if (document.contains(part)) require_counts(document.at(part), part);
} catch (const DataError& error) {
  throw DataError(where + ": " + error.what() + "; " + next_step);
}

}  // namespace stationhit::core
