// What is checked on a YAML text before nodes are made of it.
#pragma once

#include <string>
#include <string_view>

namespace stationhit::config {

// Throws ConfigError naming `where` and the line for a text that is larger than a configuration
// can be, that is not UTF-8, that has control characters, or that has more than one document. Its
// syntax errors are thrown by yaml-cpp.
void guard_yaml(std::string_view yaml, const std::string& where);

// What to say about a syntax error in line `line` (from 1): tabs, which look like the spaces that
// YAML demands, are named; otherwise the words of the parser.
[[nodiscard]] std::string syntax_error_text(std::string_view yaml, int line,
                                            const std::string& parser_words);

}  // namespace stationhit::config
