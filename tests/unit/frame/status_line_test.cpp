#include "frame/status_line.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace stationhit::app {
namespace {

// A terminal of a given width that shows what is written to it.
struct Terminal {
  explicit Terminal(std::size_t width) : columns(width) {}

  std::size_t columns;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> stream{std::tmpfile(), std::fclose};
  StatusLine line{stream.get(), [this] { return columns; }};

  void draw(const void* owner, const std::string& text) {
    line.draw(owner, [&](std::size_t) { return text; });
  }
  void end(const void* owner, const std::string& text) {
    line.end(owner, [&](std::size_t) { return text; });
  }
  void print(const std::string& text) {
    line.print_above([&] { std::fputs(text.c_str(), stream.get()); });
  }

  // The rows without the blanks at their ends. A character in the last column begins the next row.
  std::vector<std::string> rows() {
    std::rewind(stream.get());
    std::vector<std::string> rows(1);
    std::size_t column = 0;
    for (int c = std::fgetc(stream.get()); c != EOF; c = std::fgetc(stream.get())) {
      if (c == '\r') {
        column = 0;
        continue;
      }
      if (c != '\n') {
        rows.back().resize(std::max(rows.back().size(), column + 1), ' ');
        rows.back()[column++] = static_cast<char>(c);
      }
      if (c == '\n' || column == columns) {
        rows.emplace_back();
        column = 0;
      }
    }
    for (std::string& row : rows) row.erase(row.find_last_not_of(' ') + 1);
    return rows;
  }
};

using Rows = std::vector<std::string>;
const int first = 0;

TEST(StatusLine, IsDrawnInItsPlaceAndEnds) {
  Terminal terminal(40);
  terminal.line.begin(&first);
  terminal.draw(&first, "a long text");
  terminal.draw(&first, "short");
  EXPECT_EQ(terminal.rows(), (Rows{"short"}));
  terminal.end(&first, "done");
  EXPECT_EQ(terminal.rows(), (Rows{"done", ""}));
}

TEST(StatusLine, IsNeverAsWideAsTheTerminal) {
  for (const std::size_t columns : {1U, 2U, 10U, 40U}) {
    Terminal terminal(columns);
    terminal.line.begin(&first);
    for (int i = 0; i < 3; ++i) terminal.draw(&first, std::string(100, 'x'));
    if (columns > 1) {
      EXPECT_EQ(terminal.rows(), (Rows{std::string(columns - 1, 'x')}));
    }
  }
}

TEST(StatusLine, FollowsTheWidthOfTheTerminal) {
  Terminal terminal(40);
  std::vector<std::size_t> asked;
  terminal.line.begin(&first);
  for (const std::size_t columns : {40U, 80U, 20U}) {
    terminal.columns = columns;
    terminal.line.draw(&first, [&](std::size_t usable) {
      asked.push_back(usable);
      return std::string();
    });
  }
  EXPECT_EQ(asked, (std::vector<std::size_t>{39, 79, 19}));
}

TEST(StatusLine, MessagesStandAboveIt) {
  Terminal terminal(40);
  terminal.line.begin(&first);
  terminal.print("before anything is drawn\n");
  terminal.draw(&first, "50 % of a long line");
  terminal.print("news\n");
  EXPECT_EQ(terminal.rows(), (Rows{"before anything is drawn", "news", "50 % of a long line"}));
  terminal.draw(&first, "60 %");
  EXPECT_EQ(terminal.rows(), (Rows{"before anything is drawn", "news", "60 %"}));
}

TEST(StatusLine, BelongsToTheLastThatBegan) {
  Terminal terminal(40);
  terminal.line.begin(&first);
  terminal.draw(&first, "outer");
  const int inner = 0;
  terminal.line.begin(&inner);
  terminal.draw(&inner, "inner");
  terminal.draw(&first, "outer again");
  EXPECT_EQ(terminal.rows(), (Rows{"inner"}));
  terminal.end(&inner, "inner done");
  terminal.draw(&first, "outer goes on");
  EXPECT_EQ(terminal.rows(), (Rows{"inner done", "outer goes on"}));
  terminal.end(&first, "");
  EXPECT_EQ(terminal.rows(), (Rows{"inner done", ""}));
}

TEST(StatusLine, OnlyThatOfTheStandardErrorIsKnownToSignalHandlers) {
  Terminal terminal(40);
  terminal.line.begin(&first);
  terminal.draw(&first, "text");
  EXPECT_FALSE(StatusLine::is_stderr_drawn());
}

TEST(StatusLine, CountsAndCutsCharactersNotBytes) {
  EXPECT_EQ(count_characters("aé€"), 3U);
  EXPECT_EQ(cut_to("aé€x", 3), "aé€");
  EXPECT_EQ(cut_to("aé€", 9), "aé€");
  EXPECT_EQ(cut_to("aé€", 0), "");
}

}  // namespace
}  // namespace stationhit::app
