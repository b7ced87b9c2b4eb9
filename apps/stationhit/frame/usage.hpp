// What is said about a wrong command line, and the reading of numbers on it.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace stationhit::app {

// Throws UsageError for an unknown verb, and for options that stand before the verb.
void check_verb(const CLI::App& app, const std::vector<std::string>& arguments);

// One line about an error of the parser: the verb, what is wrong, and what to write instead.
[[nodiscard]] std::string usage_message(const CLI::App& app, const CLI::ParseError& error);

// Numeric options of every verb are read as decimal numbers, to their end: the parser alone would
// take 010 for 8 and 0x10 for 16.
void read_numbers_as_decimal(CLI::App& app);

// An empty text, as an unset variable of a script gives it, is no name of a file or of anything
// else.
void refuse_empty_names(CLI::App& app);

}  // namespace stationhit::app
