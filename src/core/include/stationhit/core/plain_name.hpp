// Names of files that a file of this program mentions.
#pragma once

#include <string>
#include <string_view>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text_encoding.hpp>

namespace stationhit::core {

// True for a name without folders: a manifest that names "../x" would make the program read, or
// overwrite, files outside of its own folder.
[[nodiscard]] constexpr bool is_plain_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(std::string_view("/\0", 2)) == std::string_view::npos;
}

// Throws DataError "<where>: names the file '../x', expected a name without folders; <next_step>".
inline void require_plain_name(std::string_view name, const std::string& where,
                               const std::string& next_step) {
  if (is_plain_name(name)) return;
  throw DataError(where + ": names the file '" + printable_line(name) +
                  "', expected a name without folders; " + next_step);
}

}  // namespace stationhit::core
