// What thresholds keep of the events by class: the process.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <stationhit/metrics/bootstrap.hpp>
#include <stationhit/metrics/kept.hpp>
#include <stationhit/metrics/scored_sample.hpp>

namespace stationhit::metrics {

struct EventClasses {
  std::vector<std::uint32_t> codes;     // of the classes
  std::vector<std::uint32_t> of_event;  // [n_events] index into codes
};

// A sample of more processes is not split by them: each would have next to no events.
inline constexpr std::size_t most_processes = 24;

// Codes are channel numbers, ascending, 0 for events that do not say theirs. No classes for a
// sample of one process (or of none that is known) or of more than most_processes.
[[nodiscard]] EventClasses classify_by_process(const ScoredSample& sample);

// [n_classes][n_thresholds] (nothing without classes), all members but pairs.
[[nodiscard]] std::vector<std::vector<KeptAtThreshold>> count_kept_by_event_class(
    const ScoredSample& sample, const EventClasses& classes, std::span<const float> thresholds);

// One entry per class, all members but pairs. The thresholds of a replica are those of all its
// signal hits, as in count_replicas.
[[nodiscard]] std::vector<ReplicaCounts> count_replicas_by_event_class(
    const ScoredSample& sample, const EventClasses& classes, const Replicas& replicas,
    std::span<const ThresholdRule> rules);

}  // namespace stationhit::metrics
