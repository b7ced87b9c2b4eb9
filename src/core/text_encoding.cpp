// A text is taken apart into characters by one function, which both readers use. It follows the
// table of well-formed byte sequences of the Unicode standard (table 3-7): the second byte decides
// about overlong forms, surrogates and numbers that are too large.
#include <cstdio>

#include <stationhit/core/text_encoding.hpp>

namespace stationhit::core {
namespace {

unsigned char byte_at(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

// Bytes of the character that begins with `lead`; 0 where none begins with it.
std::size_t length_by_lead(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

bool second_is_permitted(unsigned char lead, unsigned char second) {
  switch (lead) {
    case 0xE0:
      return second >= 0xA0;
    case 0xED:
      return second <= 0x9F;
    case 0xF0:
      return second >= 0x90;
    case 0xF4:
      return second <= 0x8F;
    default:
      return true;
  }
}

// Bytes of the character at the beginning of the text; 0 where the text begins with none.
std::size_t character_length(std::string_view text) {
  const std::size_t length = length_by_lead(byte_at(text, 0));
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if (!continues_character(text[i])) return 0;
  return length == 1 || second_is_permitted(byte_at(text, 0), byte_at(text, 1)) ? length : 0;
}

// The control characters of ASCII, and U+0080 to U+009F, which some terminals also obey.
bool acts_on_terminal(std::string_view character) {
  const unsigned char first = byte_at(character, 0);
  return first < 0x20 || first == 0x7F || (first == 0xC2 && byte_at(character, 1) < 0xA0);
}

std::string escaped(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += "\\x" + byte_text(byte).substr(2);
  return text;
}

std::string make_printable(std::string_view text, std::string_view kept) {
  std::string result;
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    const std::string_view character = text.substr(0, length == 0 ? 1 : length);
    const bool shown = length > 0 && (!acts_on_terminal(character) ||
                                      kept.find(character[0]) != std::string_view::npos);
    result += shown ? std::string(character) : escaped(character);
    text.remove_prefix(character.size());
  }
  return result;
}

}  // namespace

bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = character_length(text.substr(at));
    if (length == 0) return at;
    at += length;
  }
  return std::nullopt;
}

bool is_control(char character) {
  const auto byte = static_cast<unsigned char>(character);
  return (byte < 0x20 && character != '\n' && character != '\r' && character != '\t') ||
         byte == 0x7F;
}

std::string byte_text(char byte) {
  char text[8];
  std::snprintf(text, sizeof text, "0x%02X",
                static_cast<unsigned>(static_cast<unsigned char>(byte)));
  return text;
}

std::string printable_line(std::string_view text) { return make_printable(text, ""); }
std::string printable_text(std::string_view text) { return make_printable(text, "\n\t"); }

}  // namespace stationhit::core
