#include "frame/progress_bar.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace stationhit::app {
namespace {

// Seconds; a rate over less says nothing.
constexpr double shortest_measurement = 0.5;

std::string fixed(double value, int digits) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.*f", digits, value);
  return buffer;
}

std::string rate_text(double per_second) {
  return fixed(per_second, per_second < 10 ? 2 : per_second < 100 ? 1 : 0) + "/s";
}

}  // namespace

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

ProgressBar::ProgressBar(std::string label, std::uint64_t total, Style style)
    : label_(std::move(label)),
      total_(total),
      style_(style),
      start_(std::chrono::steady_clock::now()),
      last_draw_(start_) {}

ProgressBar::~ProgressBar() { finish(); }

std::string ProgressBar::text(double elapsed_s) const {
  std::string result = label_ + " ";
  const double rate =
      elapsed_s >= shortest_measurement ? static_cast<double>(done_) / elapsed_s : 0;
  if (total_ > 0) {
    const double share = std::min(1.0, static_cast<double>(done_) / static_cast<double>(total_));
    constexpr int width = 24;
    const auto filled = static_cast<std::size_t>(share * width);
    if (style_ == Style::bar)
      result += "[" + std::string(filled, '#') + std::string(width - filled, '.') + "] ";
    result += std::to_string(static_cast<int>(100 * share)) + " % (" + std::to_string(done_) + "/" +
              std::to_string(total_) + ")";
  } else {
    result += std::to_string(done_);
  }
  if (rate > 0) result += ", " + rate_text(rate);
  if (finished_) {
    result += ", took " + duration_text(elapsed_s);
  } else if (rate > 0 && total_ > done_) {
    result += ", " + duration_text(static_cast<double>(total_ - done_) / rate) + " left";
  }
  return note_.empty() ? result : result + ", " + note_;
}

void ProgressBar::draw(std::chrono::steady_clock::time_point now) {
  last_draw_ = now;
  const std::string line = text(std::chrono::duration<double>(now - start_).count());
  if (style_ == Style::lines) {
    std::fprintf(stderr, "%s\n", line.c_str());
    return;
  }
  const std::string blanks(drawn_length_ > line.size() ? drawn_length_ - line.size() : 0, ' ');
  std::fprintf(stderr, "\r%s%s%s", line.c_str(), blanks.c_str(), finished_ ? "\n" : "");
  std::fflush(stderr);
  drawn_length_ = line.size();
}

void ProgressBar::update(std::uint64_t done, const std::string& note) {
  done_ = done;
  note_ = note;
  if (style_ == Style::none || finished_) return;
  const auto now = std::chrono::steady_clock::now();
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
  if (style_ != Style::none && done_ > 0) draw(std::chrono::steady_clock::now());
}

}  // namespace stationhit::app
