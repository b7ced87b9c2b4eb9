// What records a training for others to look at, besides the files of the run directory.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <stationhit/tracking/machine.hpp>

namespace stationhit::tracking {

struct RunDescription {
  std::string name;                   // for lists of runs
  std::string configuration;          // the resolved one, YAML
  std::vector<NamedText> parameters;  // its settings by key path
  std::vector<NamedText> versions;    // of the program, its commit, its libraries
  Machine machine;
};

struct MetricValue {
  std::string name;  // "val_loss", "test/auc"
  double value = 0;  // may be NaN
};

// When something was measured.
struct Moment {
  std::int64_t epoch = 0;  // from 1
  std::int64_t step = 0;   // optimizer steps since the start of the training; 0: end of the epoch
  std::chrono::system_clock::time_point time = std::chrono::system_clock::now();

  // Where metrics stand on the axis of a figure: those of steps by step, all others by epoch.
  [[nodiscard]] std::int64_t axis_value() const { return step > 0 ? step : epoch; }
  // Since 1970.
  [[nodiscard]] std::int64_t milliseconds() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  }
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(time.time_since_epoch()).count();
  }
};

enum class EndState { finished, interrupted, failed };
[[nodiscard]] constexpr std::string_view name(EndState state) {
  if (state == EndState::finished) return "finished";
  return state == EndState::interrupted ? "interrupted" : "failed";
}

// Receives one training: start() once, then records in any order, then finish() once. All
// functions throw core::Error where something cannot be recorded; TrackerList keeps that away from
// the training.
class Tracker {
 public:
  Tracker() = default;
  virtual ~Tracker() = default;
  Tracker(const Tracker&) = delete;
  Tracker& operator=(const Tracker&) = delete;

  virtual void start(const RunDescription& run, const Moment& moment) = 0;
  virtual void log_metrics(std::span<const MetricValue> metrics, const Moment& moment) = 0;
  // A PNG file; its name without extension is that of the figure.
  virtual void log_figure(const std::filesystem::path& png, const Moment& moment) = 0;
  virtual void finish(EndState state, const Moment& moment) = 0;

  // Called now and then where nothing is recorded for a while, by run_in_background only.
  virtual void keep_alive() {}
};

}  // namespace stationhit::tracking
