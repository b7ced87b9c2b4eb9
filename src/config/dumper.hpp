// A description as YAML text and as a documentation table.
#pragma once

#include <string>

#include "field.hpp"

namespace stationhit::config {

// Every key of the section with its present value.
[[nodiscard]] std::string to_yaml(const Field& section);

// A value on one line, as YAML.
[[nodiscard]] std::string value_text(const Field& field);

// With \| for |, as cells of tables need it.
[[nodiscard]] std::string markdown_escaped(std::string text);

// Rows "| key path | type and range | value | description |" of all keys.
[[nodiscard]] std::string to_markdown_rows(const Field& section, const std::string& prefix = "");

}  // namespace stationhit::config
