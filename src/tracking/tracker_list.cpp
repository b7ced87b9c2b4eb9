#include <exception>
#include <utility>

#include <stationhit/tracking/tracker_list.hpp>

namespace stationhit::tracking {

TrackerList::TrackerList(std::vector<Named> trackers, RunDescription run, core::Logger log)
    : trackers_(std::move(trackers)), run_(std::move(run)), log_(std::move(log)) {}

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

void TrackerList::start(const Moment& moment) {
  if (std::exchange(started_, true)) return;
  for_each([&](Tracker& tracker) { tracker.start(run_, moment); });
}

template <class Call>
void TrackerList::record(const Moment& moment, Call&& call) {
  start(moment);
  last_epoch_ = moment.epoch;
  for_each(call);
}

void TrackerList::log_metrics(std::span<const MetricValue> metrics, const Moment& moment) {
  record(moment, [&](Tracker& tracker) { tracker.log_metrics(metrics, moment); });
}

void TrackerList::log_figure(const std::filesystem::path& png, const Moment& moment) {
  record(moment, [&](Tracker& tracker) { tracker.log_figure(png, moment); });
}

void TrackerList::finish(EndState state) {
  if (!started_) return;
  const Moment end{.epoch = last_epoch_};
  for_each([&](Tracker& tracker) { tracker.finish(state, end); });
}

}  // namespace stationhit::tracking
