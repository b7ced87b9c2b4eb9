// An event belongs to one class, so it is counted once and added to the sums of its class.
#include <algorithm>
#include <set>

#include <stationhit/metrics/event_classes.hpp>

#include "event_tally.hpp"

namespace stationhit::metrics {

EventClasses classify_by_process(const ScoredSample& sample) {
  const std::set<std::uint32_t> found(sample.mc_channel_number.begin(),
                                      sample.mc_channel_number.end());
  if (found.size() < 2 || found.size() > most_processes) return {};
  EventClasses classes{{found.begin(), found.end()}, {}};
  for (const std::uint32_t number : sample.mc_channel_number) {
    const auto code = std::ranges::lower_bound(classes.codes, number);
    classes.of_event.push_back(static_cast<std::uint32_t>(code - classes.codes.begin()));
  }
  return classes;
}

std::vector<std::vector<KeptAtThreshold>> add_up_event_classes(const ScoredSample& sample,
                                                               const EventClasses& classes,
                                                               std::span<const float> thresholds,
                                                               const TimesOfEvent& times) {
  if (classes.codes.empty()) return {};
  const Edges edges = make_edges(thresholds);
  std::vector<std::vector<KeptAtThreshold>> kept(classes.codes.size(),
                                                 std::vector<KeptAtThreshold>(thresholds.size()));
  EventTally tally(sample, edges.values);
  for (std::size_t event = 0; event < sample.n_events(); ++event) {
    tally.count(event);
    for (std::size_t i = 0; i < thresholds.size(); ++i)
      tally.add(kept[classes.of_event[event]][i], edges.position[i], times(event, i));
  }
  return kept;
}

std::vector<std::vector<KeptAtThreshold>> count_kept_by_event_class(
    const ScoredSample& sample, const EventClasses& classes, std::span<const float> thresholds) {
  return add_up_event_classes(sample, classes, thresholds,
                              [](std::size_t, std::size_t) { return 1; });
}

}  // namespace stationhit::metrics
