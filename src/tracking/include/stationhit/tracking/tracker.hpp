// What records a training for others to look at, besides the files of the run directory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace stationhit::tracking {

struct MetricValue {
  std::string name;  // "val_loss", "test/auc"
  double value = 0;  // may be NaN
};

enum class EndState { finished, interrupted, failed };
[[nodiscard]] constexpr std::string_view name(EndState state) {
  if (state == EndState::finished) return "finished";
  return state == EndState::interrupted ? "interrupted" : "failed";
}

// Receives one training: start() once, then records in any order, then finish() once. Epochs count
// from 1. All functions throw core::Error where something cannot be recorded; TrackerList keeps
// that away from the training.
class Tracker {
 public:
  Tracker() = default;
  virtual ~Tracker() = default;
  Tracker(const Tracker&) = delete;
  Tracker& operator=(const Tracker&) = delete;

  // configuration: the resolved one, YAML.
  virtual void start(const std::string& configuration) = 0;
  virtual void log_metrics(std::span<const MetricValue> metrics, std::int64_t epoch) = 0;
  // A PNG file; its name without extension is that of the figure.
  virtual void log_figure(const std::filesystem::path& png, std::int64_t epoch) = 0;
  virtual void finish(EndState state, std::int64_t epoch) = 0;
};

}  // namespace stationhit::tracking
