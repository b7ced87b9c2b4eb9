// Texts that came from outside: whether they are UTF-8, and what of them a terminal may see.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace stationhit::core {

// Whether a byte of UTF-8 continues a character (10xxxxxx); every other one begins a character.
[[nodiscard]] bool continues_character(char byte);

// Position of the first byte that does not belong to a character of UTF-8; nothing where the whole
// text is UTF-8. Overlong forms, surrogates and numbers above U+10FFFF are not UTF-8.
[[nodiscard]] std::optional<std::size_t> find_invalid_utf8(std::string_view text);

// True for the control characters of ASCII that no text has: all but line ends and tabs.
[[nodiscard]] bool is_control(char character);

// "0xFC"
[[nodiscard]] std::string byte_text(char byte);

// The text as one line for a terminal: control characters (an escape sequence begins with one) and
// bytes that are not UTF-8 become \xNN.
[[nodiscard]] std::string printable_line(std::string_view text);
// The same for a text of several lines, whose line ends and tabs stay.
[[nodiscard]] std::string printable_text(std::string_view text);

}  // namespace stationhit::core
