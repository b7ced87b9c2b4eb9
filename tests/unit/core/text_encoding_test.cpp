#include <string>

#include <gtest/gtest.h>

#include <stationhit/core/text_encoding.hpp>

namespace stationhit::core {
namespace {

TEST(TextEncoding, FindsTheFirstByteThatIsNoUtf8) {
  for (const char* text : {"", "plain", "M\xC3\xBCnchen", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"})
    EXPECT_FALSE(find_invalid_utf8(text)) << text;
  EXPECT_EQ(find_invalid_utf8("M\xFCnchen"), 1U);
  EXPECT_EQ(find_invalid_utf8("ab\xE2\x82"), 2U);  // cut off
  for (const char* text : {"\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\x80"})
    EXPECT_EQ(find_invalid_utf8(text), 0U) << printable_line(text);
}

TEST(TextEncoding, ControlCharactersDoNotReachTheTerminal) {
  EXPECT_EQ(printable_line("\x1B[31mred\x07\n"), "\\x1B[31mred\\x07\\x0A");
  EXPECT_EQ(printable_text("a\n\tb\r\x7F"), "a\n\tb\\x0D\\x7F");
  EXPECT_EQ(printable_line("M\xC3\xBCnchen \xC2\x9B"
                           "31m"),
            "M\xC3\xBCnchen \\xC2\\x9B31m");
  EXPECT_EQ(printable_line("M\xFCnchen"), "M\\xFCnchen");
  EXPECT_EQ(printable_line(std::string("a\0b", 3)), "a\\x00b");
}

}  // namespace
}  // namespace stationhit::core
