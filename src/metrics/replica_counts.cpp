// Counts of all replicas in one pass over the hits: every replica's thresholds are found first from
// the few signal hits; all different thresholds are then the edges of cells, the hits of an event
// are sorted into the cells once, and every replica adds its multiple of the event.
#include <cassert>
#include <limits>
#include <utility>

#include <stationhit/metrics/bootstrap.hpp>
#include <stationhit/metrics/ranked_scores.hpp>

#include "bootstrap_parts.hpp"
#include "event_tally.hpp"
#include "just_below.hpp"

namespace stationhit::metrics {
namespace {

// Score of the last signal hit that the working point needs; infinity for a replica without signal
// hits.
float threshold_of_replica(std::span<const SignalHit> signal, const Replicas& replicas,
                           std::uint32_t replica, double working_point) {
  const auto weight = [&](const SignalHit& hit) {
    return replicas.weights[hit.event * std::size_t{replicas.n} + replica];
  };
  std::uint64_t total = 0;
  for (const SignalHit& hit : signal) total += weight(hit);
  if (total == 0) return std::numeric_limits<float>::infinity();
  const std::uint64_t needed = hits_needed(working_point, total);
  std::uint64_t kept = 0;
  for (const SignalHit& hit : signal) {
    kept += weight(hit);
    if (kept >= needed) return just_below(hit.score);
  }
  return -std::numeric_limits<float>::infinity();
}

// [rules, replicas]
std::vector<float> choose_thresholds(std::span<const SignalHit> signal, const Replicas& replicas,
                                     std::span<const ThresholdRule> rules) {
  std::vector<float> thresholds;
  for (const ThresholdRule& rule : rules) {
    for (std::uint32_t replica = 0; replica < replicas.n; ++replica) {
      thresholds.push_back(
          rule.threshold ? *rule.threshold
                         : threshold_of_replica(signal, replicas, replica, rule.working_point));
    }
  }
  return thresholds;
}

// Thresholds are [rules, replicas].
TimesOfEvent times_in(const Replicas& replicas) {
  return [&replicas](std::size_t event, std::size_t i) {
    return replicas.weights_of(event)[i % replicas.n];
  };
}

// add_up: the function that adds up what thresholds keep of such classes.
template <class Classes, class AddUp>
std::vector<ReplicaCounts> count_classes(const ScoredSample& sample, const Classes& classes,
                                         const Replicas& replicas,
                                         std::span<const ThresholdRule> rules,
                                         const AddUp& add_up) {
  const std::vector<SignalHit> signal = signal_hits_descending(sample);
  std::vector<ReplicaCounts> result(classes.codes.size());
  if (!can_be_resampled(sample, signal)) return result;
  auto kept =
      add_up(sample, classes, choose_thresholds(signal, replicas, rules), times_in(replicas));
  for (std::size_t c = 0; c < result.size(); ++c) result[c] = {replicas.n, std::move(kept[c])};
  return result;
}

}  // namespace

ReplicaCounts count_replicas(const ScoredSample& sample, const Replicas& replicas,
                             std::span<const ThresholdRule> rules) {
  assert(replicas.weights.size() == sample.n_events() * replicas.n);
  const std::vector<SignalHit> signal = signal_hits_descending(sample);
  if (!can_be_resampled(sample, signal)) return {};
  const std::vector<float> thresholds = choose_thresholds(signal, replicas, rules);
  return {replicas.n, add_up_events(sample, thresholds, times_in(replicas))};
}

std::vector<ReplicaCounts> count_replicas_by_class(const ScoredSample& sample,
                                                   const HitClasses& classes,
                                                   const Replicas& replicas,
                                                   std::span<const ThresholdRule> rules) {
  return count_classes(sample, classes, replicas, rules, add_up_classes);
}

std::vector<ReplicaCounts> count_replicas_by_event_class(const ScoredSample& sample,
                                                         const EventClasses& classes,
                                                         const Replicas& replicas,
                                                         std::span<const ThresholdRule> rules) {
  return count_classes(sample, classes, replicas, rules, add_up_event_classes);
}

}  // namespace stationhit::metrics
