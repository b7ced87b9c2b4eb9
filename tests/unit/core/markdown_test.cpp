#include <gtest/gtest.h>

#include <stationhit/core/markdown.hpp>
#include <stationhit/core/text_encoding.hpp>

namespace stationhit::core {
namespace {

TEST(EscapeMarkdown, WhatWouldBecomeMarkupHasABackslash) {
  EXPECT_EQ(escape_markdown("<mu> = 200 & more, x > 5"), R"(\<mu> = 200 & more, x > 5)");
  EXPECT_EQ(escape_markdown("<script>alert(1)</script>"), R"(\<script>alert(1)\</script>)");
  EXPECT_EQ(escape_markdown("*a* `b` ~~c~~ d|e &lt; &#60;"),
            R"(\*a\* \`b\` \~\~c\~\~ d\|e \&lt; \&#60;)");
  EXPECT_EQ(escape_markdown("_a_ spacePoint_time"), R"(\_a\_ spacePoint_time)");
  EXPECT_EQ(escape_markdown("[a](http://b) ![c][d]"), R"([a\](http://b) ![c\][d])");
  EXPECT_EQ(escape_markdown("0.95 [0.94, 0.96]"), "0.95 [0.94, 0.96]");
  EXPECT_EQ(escape_markdown(R"(\x1B \* C:\)"), R"(\x1B \\\* C:\\)");
  EXPECT_EQ(escape_markdown(""), "");
}

TEST(EscapeMarkdown, NoLineBecomesAHeadingOrAQuote) {
  EXPECT_EQ(escape_markdown("# a\n  ## b # c\n> d > e\nf\n==\ng\n---\n-\n- h -i"),
            "\\# a\n  \\## b # c\n\\> d > e\nf\n\\==\ng\n\\---\n\\-\n- h -i");
}

TEST(MarkdownLine, IsOneLineWithoutMarkup) {
  EXPECT_EQ(markdown_line("a\n# <b>\x1b"), escape_markdown(printable_line("a\n# <b>\x1b")));
  EXPECT_EQ(markdown_line("*a* b").find('\n'), std::string::npos);
  EXPECT_EQ(markdown_line("*a* b"), R"(\*a\* b)");
}

}  // namespace
}  // namespace stationhit::core
