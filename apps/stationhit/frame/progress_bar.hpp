// Progress on stderr: a bar with rate and remaining time on a terminal, a line about every 10 %
// otherwise.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <stationhit/core/observer.hpp>

namespace stationhit::app {

class ProgressBar final : public core::Progress {
 public:
  enum class Style { none, bar, lines };

  // total 0: unknown, only count and rate are shown. The style none shows nothing.
  ProgressBar(std::string label, std::uint64_t total, Style style);
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar() override;

  // Draws ten times a second at most. Not thread-safe.
  void update(std::uint64_t done, const std::string& note = "") override;
  // Draws the last state and ends the line. The destructor does so too.
  void finish();

 private:
  [[nodiscard]] std::string text(double elapsed_s) const;
  void draw(std::chrono::steady_clock::time_point now);

  std::string label_, note_;
  std::uint64_t total_, done_ = 0;
  Style style_;
  bool finished_ = false;
  std::uint64_t tenths_shown_ = 0;
  std::size_t drawn_length_ = 0;
  std::chrono::steady_clock::time_point start_, last_draw_;
};

// "42 s", "3 min 05 s", "1 h 02 min".
[[nodiscard]] std::string duration_text(double seconds);

}  // namespace stationhit::app
