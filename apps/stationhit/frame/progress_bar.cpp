// A line has parts, and a narrow terminal shows fewer of them: kinds of lines are tried from the
// fullest to the shortest.
#include "frame/progress_bar.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>

namespace stationhit::app {
namespace {

// Seconds; a rate over less says nothing.
constexpr double shortest_measurement = 0.5;

// What a line shows besides label and percentage.
struct Parts {
  std::size_t bar;  // its length, 0 = none
  bool counts, rate, time, note;
};
constexpr std::array bar_lines{
    Parts{24, true, true, true, true},    Parts{12, true, true, true, true},
    Parts{12, true, false, true, true},   Parts{12, false, false, true, true},
    Parts{12, false, false, true, false}, Parts{0, false, false, true, false},
    Parts{0, false, false, false, false}};
constexpr Parts plain_line{0, true, true, true, true};

std::string fixed(double value, int digits) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.*f", digits, value);
  return buffer;
}

// Three digits at least.
std::string three_digits(double value) {
  return fixed(value, value < 10 ? 2 : value < 100 ? 1 : 0);
}

std::string bar_text(double share, std::size_t width) {
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(width));
  return "[" + std::string(filled, '#') + std::string(width - filled, '.') + "] ";
}

}  // namespace

std::string rate_text(double per_second) {
  if (per_second < 1) return duration_text(1 / per_second) + " each";
  if (per_second < 1e4) return three_digits(per_second) + "/s";
  if (per_second < 1e6) return three_digits(per_second / 1e3) + " k/s";
  return three_digits(per_second / 1e6) + " M/s";
}

std::string duration_text(double seconds) {
  const auto total = static_cast<long>(std::llround(seconds));
  char buffer[64];
  if (total < 60) return std::to_string(total) + " s";
  if (total < 3600) {
    std::snprintf(buffer, sizeof buffer, "%ld min %02ld s", total / 60, total % 60);
  } else {
    std::snprintf(buffer, sizeof buffer, "%ld h %02ld min", total / 3600, total / 60 % 60);
  }
  return buffer;
}

ProgressBar::ProgressBar(std::string label, std::uint64_t total, Style style, StatusLine& line)
    : label_(std::move(label)),
      total_(total),
      style_(style),
      line_(line),
      start_(std::chrono::steady_clock::now()),
      last_draw_(start_) {
  if (style_ == Style::bar) line_.begin(this);
}

ProgressBar::~ProgressBar() { finish(); }

// Steps per second since the first update, 0 = not known.
double ProgressBar::rate(Time now) const {
  if (!first_update_) return 0;
  const double seconds = std::chrono::duration<double>(now - *first_update_).count();
  return seconds >= shortest_measurement ? static_cast<double>(done_ - first_done_) / seconds : 0;
}

std::string ProgressBar::text(Time now, std::size_t columns) const {
  const double share =
      total_ == 0 ? 0 : std::min(1.0, static_cast<double>(done_) / static_cast<double>(total_));
  const double per_second = rate(now);
  const auto with = [&](const Parts& parts) {
    std::string line = label_ + " ";
    if (parts.bar > 0 && total_ > 0) line += bar_text(share, parts.bar);
    if (total_ == 0) line += std::to_string(done_);
    if (total_ > 0) line += std::to_string(static_cast<int>(100 * share)) + " %";
    if (total_ > 0 && parts.counts)
      line += " (" + std::to_string(done_) + "/" + std::to_string(total_) + ")";
    if (per_second > 0 && parts.rate) line += ", " + rate_text(per_second);
    if (finished_ && parts.time)
      line += ", took " + duration_text(std::chrono::duration<double>(now - start_).count());
    if (!finished_ && parts.time && per_second > 0 && total_ > done_)
      line += ", " + duration_text(static_cast<double>(total_ - done_) / per_second) + " left";
    return note_.empty() || !parts.note ? line : line + ", " + note_;
  };
  if (style_ == Style::lines) return with(plain_line);
  for (const Parts& parts : bar_lines) {
    std::string line = with(parts);
    if (count_characters(line) <= columns) return line;
  }
  return with(bar_lines.back());
}

void ProgressBar::draw(Time now) {
  last_draw_ = now;
  if (style_ == Style::lines) {
    std::fprintf(stderr, "%s\n", text(now, std::numeric_limits<std::size_t>::max()).c_str());
    return;
  }
  line_.draw(this, [&](std::size_t columns) { return text(now, columns); });
}

void ProgressBar::update(std::uint64_t done, const std::string& note) {
  if (style_ == Style::none || finished_) return;
  const auto now = std::chrono::steady_clock::now();
  done_ = done;
  note_ = note;
  if (!first_update_ || done < first_done_) {
    first_update_ = now;
    first_done_ = done;
  }
  if (style_ == Style::bar) {
    if (now - last_draw_ >= std::chrono::milliseconds(100)) draw(now);
    return;
  }
  const std::uint64_t tenths = total_ > 0 ? 10 * done_ / total_ : 0;
  const bool long_silence = now - last_draw_ >= std::chrono::minutes(1);
  if ((tenths > tenths_shown_ && tenths < 10) || long_silence) {
    tenths_shown_ = tenths;
    draw(now);
  }
}

void ProgressBar::finish() {
  if (finished_) return;
  finished_ = true;
  const auto now = std::chrono::steady_clock::now();
  if (style_ == Style::lines && done_ > 0) draw(now);
  if (style_ == Style::bar)
    line_.end(this, [&](std::size_t columns) { return done_ > 0 ? text(now, columns) : ""; });
}

}  // namespace stationhit::app
