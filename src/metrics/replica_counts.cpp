// Counts of all replicas in one pass over the hits: every replica's thresholds are found first from
// the few signal hits; all different thresholds are then the edges of cells, the hits of an event
// are sorted into the cells once, and every replica adds its multiple of the event.
#include <algorithm>
#include <cassert>
#include <limits>

#include <stationhit/metrics/bootstrap.hpp>
#include <stationhit/metrics/ranked_scores.hpp>

#include "bootstrap_parts.hpp"
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

std::vector<float> sort_once_each(std::vector<float> values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

// Position of every threshold among the edges.
// Equality is exact: the edges are the sorted thresholds themselves.
std::vector<std::size_t> find_edges(std::span<const float> thresholds,
                                    std::span<const float> edges) {
  std::vector<std::size_t> positions(thresholds.size());
  std::transform(thresholds.begin(), thresholds.end(), positions.begin(), [edges](float threshold) {
    return static_cast<std::size_t>(std::lower_bound(edges.begin(), edges.end(), threshold) -
                                    edges.begin());
  });
  return positions;
}

// cells: accumulated from above. edge: which one is the threshold.
void add_event(Counts& counts, const EventCells& cells, std::size_t edge, std::uint64_t times) {
  const std::size_t above = edge + 1;
  counts.true_positives += times * cells.signal[above];
  counts.false_positives += times * cells.background[above];
  counts.false_negatives += times * (cells.signal[0] - cells.signal[above]);
  counts.true_negatives += times * (cells.background[0] - cells.background[above]);
}

}  // namespace

ReplicaCounts count_replicas(const ScoredSample& sample, const Replicas& replicas,
                             std::span<const ThresholdRule> rules) {
  assert(replicas.weights.size() == sample.n_events() * replicas.n);
  const std::vector<SignalHit> signal = signal_hits_descending(sample);
  if (!can_be_resampled(sample, signal)) return {};
  const std::vector<float> thresholds = choose_thresholds(signal, replicas, rules);
  const std::vector<float> edges = sort_once_each(thresholds);
  const std::vector<std::size_t> edge_of_slot = find_edges(thresholds, edges);
  ReplicaCounts result{replicas.n, std::vector<Counts>(thresholds.size())};
  EventCells cells(edges.size());
  for (std::size_t event = 0; event < sample.n_events(); ++event) {
    cells.fill(sample, event, edges);
    cells.accumulate_from_above();
    const std::span<const std::uint16_t> weights = replicas.weights_of(event);
    for (std::size_t slot = 0; slot < thresholds.size(); ++slot)
      add_event(result.counts[slot], cells, edge_of_slot[slot], weights[slot % replicas.n]);
  }
  return result;
}

}  // namespace stationhit::metrics
