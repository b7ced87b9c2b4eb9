#include <cctype>

#include <stationhit/core/markdown.hpp>
#include <stationhit/core/text_encoding.hpp>

namespace stationhit::core {
namespace {

// The character at this place; a line end where there is none.
char at_or_end(std::string_view text, std::size_t at) { return at < text.size() ? text[at] : '\n'; }

bool is_alphanumeric(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

// Whether only blanks stand before this place in its line.
bool begins_line(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, at);
  const std::size_t last = before.find_last_not_of(" \t");
  return last == std::string_view::npos || before[last] == '\n';
}

// Whether the character at this place has a meaning in Markdown (CommonMark, tables and deletions
// of GitHub).
bool becomes_markup(std::string_view text, std::size_t at) {
  const char next = at_or_end(text, at + 1);
  switch (text[at]) {
    case '`':
    case '*':
    case '<':
    case '|':
    case '~':
      return true;
    case '\\':
      return std::ispunct(static_cast<unsigned char>(next)) != 0 || next == '\n';
    case '_':
      return at == 0 || !is_alphanumeric(text[at - 1]) || !is_alphanumeric(next);
    case '&':
      return next == '#' || is_alphanumeric(next);
    case ']':
      return next == '(' || next == '[' || next == ':';
    case '#':
    case '>':
    case '=':
      return begins_line(text, at);
    case '-':
      return begins_line(text, at) && (next == '-' || next == '\n');
    default:
      return false;
  }
}

}  // namespace

std::string escape_markdown(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (becomes_markup(text, at)) result += '\\';
    result += text[at];
  }
  return result;
}

std::string markdown_line(std::string_view text) { return escape_markdown(printable_line(text)); }

}  // namespace stationhit::core
