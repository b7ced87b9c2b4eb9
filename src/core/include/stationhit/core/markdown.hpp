// Texts in Markdown pages.
#pragma once

#include <string>
#include <string_view>

namespace stationhit::core {

// The text as plain words of a Markdown page, also in the cell of a table: what would become markup
// (emphasis, code, links, tags, entities, headings, quotes, the border of a cell) gets a backslash,
// and nothing else. Not for code blocks and code spans, in which backslashes are shown.
[[nodiscard]] std::string escape_markdown(std::string_view text);

// A text of somebody else as a part of one line: of printable_line (text_encoding.hpp), escaped.
[[nodiscard]] std::string markdown_line(std::string_view text);

}  // namespace stationhit::core
