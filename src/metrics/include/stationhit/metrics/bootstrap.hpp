// Intervals of pooled quantities by resampling events (B. Efron, Ann. Statist. 7 (1979) 1): hits of
// one event are correlated, events are not.
//
// In steps: draw_replicas draws the events of every replica, count_replicas counts what each
// replica keeps, and replica_interval takes the interval of any number of quantities from these
// counts. Intervals are central 68 % intervals (confidence_level). Both ends are NaN where
// resampling says nothing: fewer than two events, no signal hits or no background hits. The same
// sample and options give the same intervals on every machine.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include <stationhit/metrics/intervals.hpp>
#include <stationhit/metrics/kept.hpp>
#include <stationhit/metrics/scored_sample.hpp>

namespace stationhit::metrics {

struct BootstrapOptions {
  std::uint32_t replicas = 200;
  std::uint64_t seed = 42;
};

// How often every replica drew every event.
struct Replicas {
  std::uint32_t n = 0;
  std::vector<std::uint16_t> weights;  // [n_events, n]

  [[nodiscard]] std::span<const std::uint16_t> weights_of(std::size_t event) const {
    return std::span(weights).subspan(event * n, n);
  }
};

// Draws n_events events with replacement for every replica.
[[nodiscard]] Replicas draw_replicas(std::size_t n_events, const BootstrapOptions& options = {});

// How a replica gets its threshold: a fixed one where given, else the working point of the
// replica's own signal hits.
struct ThresholdRule {
  double working_point = 0.99;
  std::optional<float> threshold;
};

struct ReplicaCounts {
  std::uint32_t n_replicas = 0;       // 0 where resampling says nothing
  std::vector<KeptAtThreshold> kept;  // [n_rules, n_replicas]

  [[nodiscard]] std::span<const KeptAtThreshold> of_rule(std::size_t rule) const {
    return std::span(kept).subspan(rule * n_replicas, n_replicas);
  }
};

// Counts exactly what every replica keeps at the threshold that each rule gives it. `replicas` were
// drawn for as many events as the sample has (asserted).
[[nodiscard]] ReplicaCounts count_replicas(const ScoredSample& sample, const Replicas& replicas,
                                           std::span<const ThresholdRule> rules);

// A quantity that follows from what a threshold keeps. Replicas for which it is NaN are left
// out.
using KeptFunction = std::function<double(const KeptAtThreshold&)>;

[[nodiscard]] Interval replica_interval(std::span<const KeptAtThreshold> replicas,
                                        const KeptFunction& quantity);

// Relative change after / before - 1.
[[nodiscard]] double relative_change(const KeptAtThreshold& before, const KeptAtThreshold& after,
                                     const KeptFunction& quantity);

// Difference after - before.
[[nodiscard]] double difference(const KeptAtThreshold& before, const KeptAtThreshold& after,
                                const KeptFunction& quantity);

// Interval of the relative change of a quantity. `before` and `after` are the counts of the same
// replicas of two sets of scores of the same hits, so that what they have in common cancels. The
// interval is moved so that the change of the sample, `change_of_sample`, lies where the median of
// the replicas does: the threshold of a replica is that of a signal hit which it may have drawn
// several times, which shifts all of them together.
[[nodiscard]] Interval change_interval(std::span<const KeptAtThreshold> before,
                                       std::span<const KeptAtThreshold> after,
                                       double change_of_sample, const KeptFunction& quantity);

// The same for the difference, widened to hold the interval that is not moved.
[[nodiscard]] Interval difference_interval(std::span<const KeptAtThreshold> before,
                                           std::span<const KeptAtThreshold> after,
                                           double difference_of_sample,
                                           const KeptFunction& quantity);

// The AUC of every replica: that of a histogram with at most 513 edges at signal hits of
// geometrically growing rank from the bottom, moved by the difference to the exact AUC of the
// sample, `auc`. Empty where resampling says nothing.
[[nodiscard]] std::vector<double> replica_aucs(const ScoredSample& sample, const Replicas& replicas,
                                               double auc);
// The interval of these values.
[[nodiscard]] Interval auc_interval(const ScoredSample& sample, const Replicas& replicas,
                                    double auc);

}  // namespace stationhit::metrics
