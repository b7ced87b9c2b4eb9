// The line is erased by writing blanks over it, which every terminal understands. Its last column
// stays empty: a character there moves the cursor of some terminals to the next line.
#include "frame/status_line.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

#include <stationhit/core/numbers.hpp>
#include <stationhit/core/text_encoding.hpp>

namespace stationhit::app {
namespace {

std::atomic<bool> stderr_drawn{false};
static_assert(std::atomic<bool>::is_always_lock_free, "read by a signal handler");

bool begins_character(char byte) { return !core::continues_character(byte); }

}  // namespace

std::size_t count_characters(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, begins_character));
}

std::string cut_to(const std::string& text, std::size_t columns) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (begins_character(text[i]) && ++characters > columns) return text.substr(0, i);
  return text;
}

std::size_t stderr_columns() {
  constexpr std::size_t usual = 80;
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const char* columns = std::getenv("COLUMNS");
  const auto number = core::parse_number<std::size_t>(columns == nullptr ? "" : columns);
  return number && *number > 0 ? *number : usual;
}

StatusLine::StatusLine(std::FILE* stream, std::function<std::size_t()> columns)
    : stream_(stream), columns_(std::move(columns)) {}

StatusLine& StatusLine::of_stderr() {
  static StatusLine line(stderr, stderr_columns);
  return line;
}

bool StatusLine::is_stderr_drawn() { return stderr_drawn; }

std::size_t StatusLine::usable_columns() const { return std::max<std::size_t>(columns_(), 2) - 1; }

void StatusLine::put(const std::string& text) {
  std::fputs(text.c_str(), stream_);
  std::fflush(stream_);
  if (stream_ == stderr) stderr_drawn = !drawn_.empty();
}

void StatusLine::erase() {
  if (drawn_.empty()) return;
  const std::size_t length = std::min(count_characters(drawn_), usable_columns());
  drawn_.clear();
  put("\r" + std::string(length, ' ') + "\r");
}

void StatusLine::begin(const void* owner) {
  const std::lock_guard lock(mutex_);
  erase();
  owners_.push_back(owner);
}

void StatusLine::draw(const void* owner, const FittedText& text) {
  const std::lock_guard lock(mutex_);
  if (owners_.empty() || owners_.back() != owner) return;
  const std::size_t columns = usable_columns();
  const std::string line = cut_to(text(columns), columns);
  const std::size_t before = std::min(count_characters(drawn_), columns);
  const std::size_t now = count_characters(line);
  drawn_ = line;
  put("\r" + line + std::string(before > now ? before - now : 0, ' '));
}

void StatusLine::end(const void* owner, const FittedText& text) {
  const std::lock_guard lock(mutex_);
  erase();
  std::erase(owners_, owner);
  const std::size_t columns = usable_columns();
  const std::string line = cut_to(text(columns), columns);
  if (!line.empty()) put(line + "\n");
}

void StatusLine::print_above(const std::function<void()>& print) {
  const std::lock_guard lock(mutex_);
  const std::string line = drawn_;
  erase();
  print();
  if (line.empty()) return;
  drawn_ = cut_to(line, usable_columns());
  put(drawn_);
}

}  // namespace stationhit::app
