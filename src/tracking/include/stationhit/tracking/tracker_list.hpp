// The trackers of one training behind one object that never fails.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <stationhit/core/logger.hpp>
#include <stationhit/tracking/tracker.hpp>

namespace stationhit::tracking {

// Passes everything on to every tracker. One that throws is warned of once and gets nothing more,
// so a training never ends because of it. No function throws.
class TrackerList {
 public:
  using Named = std::pair<std::string, std::unique_ptr<Tracker>>;  // name for the warning

  // Nothing is written before start() or the first record: of a training that never began.
  TrackerList(std::vector<Named> trackers, RunDescription run, core::Logger log);

  // The first call counts.
  void start(const Moment& moment);
  void log_metrics(std::span<const MetricValue> metrics, const Moment& moment);
  void log_figure(const std::filesystem::path& png, const Moment& moment);
  // Only where something was recorded.
  void finish(EndState state);

 private:
  template <class Call>
  void for_each(Call&& call);
  template <class Call>
  void record(const Moment& moment, Call&& call);

  std::vector<Named> trackers_;
  RunDescription run_;
  core::Logger log_;
  bool started_ = false;
  std::int64_t last_epoch_ = 0;
};

}  // namespace stationhit::tracking
