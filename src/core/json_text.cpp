#include <stationhit/core/json_text.hpp>

namespace stationhit::core {

// Brackets inside of strings do not count. What else is wrong with the text is found by the parser.
std::optional<std::size_t> find_excessive_depth(std::string_view text) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\') {
      ++i;
    } else if (c == '"') {
      in_string = !in_string;
    } else if (!in_string && (c == '[' || c == '{')) {
      if (++depth > max_json_depth) return i;
    } else if (!in_string && (c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return std::nullopt;
}

void require_json_depth(std::string_view text, const std::string& where) {
  if (const auto at = find_excessive_depth(text))
    throw DataError(where + ": is nested deeper than " + std::to_string(max_json_depth) +
                    " levels at byte " + std::to_string(*at) +
                    "; no program of this project wrote it: use another file");
}

std::string json_reason(std::string_view what) {
  const std::size_t end = what.starts_with("[json.exception.") ? what.find("] ") : what.npos;
  return std::string(end == std::string_view::npos ? what : what.substr(end + 2));
}

}  // namespace stationhit::core
