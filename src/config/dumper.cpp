#include "dumper.hpp"

namespace stationhit::config {

std::string markdown_escaped(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2)
    text.insert(at, "\\");
  return text;
}

std::string markdown_row(const std::string& path, const std::string& expectation,
                         const std::string& value, const std::string& meaning) {
  return "| `" + path + "` | " + markdown_escaped(expectation) + " | `" + markdown_escaped(value) +
         "` | " + markdown_escaped(meaning) + " |\n";
}

std::string markdown_section_row(const std::string& path, const std::string& meaning) {
  return "| **`" + path + "`** | | | **" + markdown_escaped(meaning) + "** |\n";
}

}  // namespace stationhit::config
