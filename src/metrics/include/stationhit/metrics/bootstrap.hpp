// Intervals of pooled quantities by resampling events (B. Efron, Ann. Statist. 7 (1979) 1): hits of
// one event are correlated, events are not.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <stationhit/metrics/intervals.hpp>
#include <stationhit/metrics/ranked_scores.hpp>
#include <stationhit/metrics/scored_sample.hpp>

namespace stationhit::metrics {

struct BootstrapOptions {
  std::uint32_t replicas = 200;
  std::uint64_t seed = 42;
};

// How a replica gets its threshold: a fixed one where given, else the working point of the
// replica's own true hits.
struct ThresholdRule {
  double working_point = 0.99;
  std::optional<float> threshold;
};

// Central 68 % intervals (confidence_level); both ends NaN where the sample has fewer than two
// events, no true or no background hits.
struct RuleIntervals {
  Interval efficiency, purity, rejection, hits_kept_per_event;
};

struct BootstrapIntervals {
  Interval auc;
  std::vector<RuleIntervals> rules;  // one per rule
};

// Draws n_events events with replacement, `replicas` times. Counts of a replica are exact. Its AUC
// is that of a histogram with at most 513 edges at true hits of geometrically growing rank from the
// bottom, and the interval is moved by the difference to the exact AUC of the sample (`auc`). The
// same sample and options give the same intervals on every machine.
[[nodiscard]] BootstrapIntervals bootstrap_intervals(const ScoredSample& sample,
                                                     std::span<const ThresholdRule> rules,
                                                     double auc,
                                                     const BootstrapOptions& options = {});

// Of after / before - 1, moved so that the value of the sample lies where the median of the
// replicas does: the threshold of a replica is that of a true hit which it may have drawn several
// times, which shifts all of them together.
struct ChangeIntervals {
  Interval purity, rejection;
};

// Two sets of scores of the same hits (asserted). Both meet the same replicas, so that what they
// have in common cancels. counts: of the samples themselves, one per rule. One entry per rule; NaN
// as above.
[[nodiscard]] std::vector<ChangeIntervals> change_intervals(const ScoredSample& before,
                                                            const ScoredSample& after,
                                                            std::span<const ThresholdRule> rules,
                                                            std::span<const Counts> counts_before,
                                                            std::span<const Counts> counts_after,
                                                            const BootstrapOptions& options = {});

}  // namespace stationhit::metrics
