#include <exception>

#include <stationhit/tracking/tracker_list.hpp>

namespace stationhit::tracking {

TrackerList::TrackerList(std::vector<Named> trackers, std::string configuration, core::Logger log)
    : trackers_(std::move(trackers)),
      configuration_(std::move(configuration)),
      log_(std::move(log)) {}

template <class Call>
void TrackerList::for_each(Call&& call) {
  std::erase_if(trackers_, [&](const Named& named) {
    try {
      call(*named.second);
      return false;
    } catch (const std::exception& error) {
      log_.warning("the tracker " + named.first +
                   " records nothing more of this training: " + error.what() +
                   "; metrics.csv and the figures of the run directory are complete");
      return true;
    }
  });
}

template <class Call>
void TrackerList::record(std::int64_t epoch, Call&& call) {
  if (!started_) for_each([this](Tracker& tracker) { tracker.start(configuration_); });
  started_ = true;
  last_epoch_ = epoch;
  for_each(call);
}

void TrackerList::log_metrics(std::span<const MetricValue> metrics, std::int64_t epoch) {
  record(epoch, [&](Tracker& tracker) { tracker.log_metrics(metrics, epoch); });
}

void TrackerList::log_figure(const std::filesystem::path& png, std::int64_t epoch) {
  record(epoch, [&](Tracker& tracker) { tracker.log_figure(png, epoch); });
}

void TrackerList::finish(EndState state) {
  if (started_) for_each([&](Tracker& tracker) { tracker.finish(state, last_epoch_); });
}

}  // namespace stationhit::tracking
