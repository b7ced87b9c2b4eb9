// The last line of a terminal, which shows the progress and is drawn again and again. All other
// text goes above it. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdio>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace stationhit::app {

class StatusLine {
 public:
  // Gives the text of a line that has `columns` columns at most.
  using FittedText = std::function<std::string(std::size_t columns)>;

  // `columns` gives the width of the terminal and is asked at each drawing, because a window
  // changes its size.
  StatusLine(std::FILE* stream, std::function<std::size_t()> columns);

  // That of the standard error.
  static StatusLine& of_stderr();
  // Whether the cursor of the standard error stands behind a drawn line. For signal handlers.
  [[nodiscard]] static bool is_stderr_drawn();

  // One owner at a time has the line: the last that began. What the others draw is not shown.
  void begin(const void* owner);
  void draw(const void* owner, const FittedText& text);
  // Draws the text a last time and leaves it above the line; an empty text leaves nothing.
  void end(const void* owner, const FittedText& text);

  // Runs `print`, which writes whole lines to the terminal, with the line out of its way.
  void print_above(const std::function<void()>& print);

 private:
  [[nodiscard]] std::size_t usable_columns() const;
  void put(const std::string& text);
  void erase();

  std::mutex mutex_;
  std::FILE* stream_;
  std::function<std::size_t()> columns_;
  std::vector<const void*> owners_;
  std::string drawn_;
};

// Columns of the terminal that is the standard error; COLUMNS, else 80, where it does not say.
[[nodiscard]] std::size_t stderr_columns();

// Characters of a text in UTF-8.
[[nodiscard]] std::size_t count_characters(const std::string& text);
// Its first `columns` characters.
[[nodiscard]] std::string cut_to(const std::string& text, std::size_t columns);

}  // namespace stationhit::app
