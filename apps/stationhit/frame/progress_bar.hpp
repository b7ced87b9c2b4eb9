// Progress on stderr: a bar with rate and remaining time on a terminal, never wider than it, and a
// line about every 10 % otherwise.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <stationhit/core/observer.hpp>

#include "frame/status_line.hpp"

namespace stationhit::app {

class ProgressBar final : public core::Progress {
 public:
  enum class Style { none, bar, lines };

  // total 0: unknown, only count and rate are shown. The style none shows nothing. A bar is drawn
  // on `line`.
  ProgressBar(std::string label, std::uint64_t total, Style style,
              StatusLine& line = StatusLine::of_stderr());
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar() override;

  // Draws ten times a second at most. Not thread-safe.
  void update(std::uint64_t done, const std::string& note = "") override;
  // Draws the last state and ends the line. The destructor does so too.
  void finish();

 private:
  using Time = std::chrono::steady_clock::time_point;

  [[nodiscard]] double rate(Time now) const;
  [[nodiscard]] std::string text(Time now, std::size_t columns) const;
  void draw(Time now);

  std::string label_, note_;
  std::uint64_t total_, done_ = 0;
  Style style_;
  StatusLine& line_;
  bool finished_ = false;
  std::uint64_t tenths_shown_ = 0;
  Time start_, last_draw_;
  // The first update: what it tells of can have been done before, by a run that was stopped.
  std::optional<Time> first_update_;
  std::uint64_t first_done_ = 0;
};

// "42 s", "3 min 05 s", "1 h 02 min".
[[nodiscard]] std::string duration_text(double seconds);

// "3.20/s", "4386/s", "12.3 k/s", "4.39 M/s"; of less than one in a second "20 s each".
[[nodiscard]] std::string rate_text(double per_second);

}  // namespace stationhit::app
