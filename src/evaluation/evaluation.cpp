// The table of quantities is walked once per threshold: each quantity says how its value and its
// interval follow from the counts. Replicas are drawn once for all thresholds and quantities.
#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>
#include <span>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/technology.hpp>
#include <stationhit/evaluation/evaluation.hpp>
#include <stationhit/metrics/muons.hpp>

namespace stationhit::evaluation {
namespace {

// An end that is NaN does not count.
metrics::Interval widen(const metrics::Interval& a, const metrics::Interval& b) {
  return {std::fmin(a.low, b.low), std::fmax(a.high, b.high)};
}

// Each quantity names the source of its interval: exact for counts of independent muons, resampled
// events for hits, which are correlated inside an event.
metrics::Interval interval_at_threshold(const Quantity& quantity, const KeptAtThreshold& kept,
                                        std::span<const metrics::Counts> replicas) {
  if (quantity.interval == IntervalSource::clopper_pearson) return quantity.clopper_pearson(kept);
  const metrics::Interval bootstrap =
      metrics::replica_interval(replicas, [&](const metrics::Counts& counts) {
        return quantity.at_threshold({.hits = counts, .n_events = kept.n_events});
      });
  return quantity.interval == IntervalSource::wider_of_both
             ? widen(quantity.clopper_pearson(kept), bootstrap)
             : bootstrap;
}

Estimates measure_sample(const metrics::ScoredSample& sample, const metrics::RankedScores& ranked,
                         const metrics::Replicas& replicas) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  Estimates estimates;
  for (const Quantity& quantity : quantities()) {
    if (quantity.of_sample == nullptr) continue;
    const double value = quantity.of_sample(ranked);
    estimates.add(quantity, {value, quantity.sample_interval == nullptr
                                        ? metrics::Interval{nan, nan}
                                        : quantity.sample_interval(sample, replicas, value)});
  }
  return estimates;
}

// The scores to which every threshold is applied.
struct MeasuredSample {
  const metrics::RankedScores& ranked;
  std::vector<float> muon_scores;
  std::uint64_t n_events;
};

WorkingPointResult measure(double working_point, float threshold, const MeasuredSample& sample,
                           std::span<const metrics::Counts> replicas) {
  WorkingPointResult result;
  result.working_point = working_point;
  result.threshold = threshold;
  result.counts = sample.ranked.counts_at(threshold);
  // The score of a muon is that of its last hit that is needed, so muons are counted like hits.
  result.muons_kept =
      static_cast<std::uint64_t>(std::count_if(sample.muon_scores.begin(), sample.muon_scores.end(),
                                               [&](float score) { return score > threshold; }));
  const KeptAtThreshold kept{.hits = result.counts,
                             .n_events = sample.n_events,
                             .muons_kept = result.muons_kept,
                             .n_muons = sample.muon_scores.size()};
  for (const Quantity& quantity : quantities()) {
    if (quantity.at_threshold == nullptr) continue;
    result.estimates.add(
        quantity, {quantity.at_threshold(kept), interval_at_threshold(quantity, kept, replicas)});
  }
  return result;
}

Estimates measure_technology(const metrics::Counts& counts) {
  const KeptAtThreshold kept{.hits = counts};
  Estimates estimates;
  for (const Quantity& quantity : quantities()) {
    if (!quantity.by_technology) continue;
    estimates.add(quantity, {quantity.at_threshold(kept), quantity.clopper_pearson(kept)});
  }
  return estimates;
}

std::vector<TechnologyResult> measure_technologies(const metrics::ScoredSample& sample,
                                                   float threshold) {
  std::array<metrics::Counts, 256> counts{};
  for (std::size_t hit = 0; hit < sample.n_hits(); ++hit) {
    metrics::Counts& of_technology = counts[sample.technology[hit]];
    const bool kept = sample.score[hit] > threshold;
    if (sample.truth_link[hit] >= 0) {
      ++(kept ? of_technology.true_positives : of_technology.false_negatives);
    } else {
      ++(kept ? of_technology.false_positives : of_technology.true_negatives);
    }
  }
  // The technologies of the experiment come first, in their usual order, also without hits; unknown
  // codes follow.
  std::vector<std::uint8_t> codes;
  for (const core::Technology technology : core::technologies)
    codes.push_back(static_cast<std::uint8_t>(technology));
  for (std::size_t code = 0; code < counts.size(); ++code) {
    const bool listed = std::find(codes.begin(), codes.end(), code) != codes.end();
    if (!listed && counts[code] != metrics::Counts{})
      codes.push_back(static_cast<std::uint8_t>(code));
  }
  std::vector<TechnologyResult> result;
  for (const std::uint8_t code : codes)
    result.push_back({code, counts[code], measure_technology(counts[code])});
  return result;
}

// The rules of the working points, then those of the validation thresholds.
std::vector<metrics::ThresholdRule> threshold_rules(const EvaluationOptions& options) {
  std::vector<metrics::ThresholdRule> rules;
  for (const double working_point : options.working_points) rules.push_back({working_point, {}});
  for (std::size_t i = 0; i < options.validation_thresholds.size(); ++i) {
    rules.push_back({options.working_points[i], options.validation_thresholds[i]});
  }
  return rules;
}

void measure_thresholds(EvaluationResult& result, const metrics::ScoredSample& sample,
                        const metrics::Replicas& replicas,
                        std::span<const metrics::ThresholdRule> rules) {
  const MeasuredSample measured{result.ranked, metrics::muon_scores(sample), sample.n_events()};
  // One pass over all hits for all thresholds and replicas.
  const metrics::ReplicaCounts counts = metrics::count_replicas(sample, replicas, rules);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const float threshold = rules[i].threshold
                                ? *rules[i].threshold
                                : result.ranked.working_point_threshold(rules[i].working_point);
    auto& list = rules[i].threshold ? result.validation_thresholds : result.working_points;
    list.push_back(measure(rules[i].working_point, threshold, measured, counts.of_rule(i)));
  }
}

}  // namespace

std::size_t EvaluationResult::reference_index() const {
  const auto found =
      std::ranges::find(working_points, reference_point, &WorkingPointResult::working_point);
  assert(found != working_points.end());
  return static_cast<std::size_t>(found - working_points.begin());
}

EvaluationResult evaluate(const metrics::ScoredSample& sample, const EvaluationOptions& options) {
  if (!options.validation_thresholds.empty() &&
      options.validation_thresholds.size() != options.working_points.size()) {
    throw core::ConfigError(std::to_string(options.validation_thresholds.size()) +
                            " validation thresholds for " +
                            std::to_string(options.working_points.size()) +
                            " working points: give one for each, or none");
  }
  EvaluationResult result;
  result.ranked = metrics::RankedScores(sample.score, metrics::hit_labels(sample));
  const metrics::RankedScores& ranked = result.ranked;
  result.n_events = sample.n_events();
  result.n_hits = sample.n_hits();
  result.n_true_hits = ranked.signal().size();
  result.n_muons = sample.n_muons();
  const metrics::Replicas replicas = metrics::draw_replicas(sample.n_events(), options.bootstrap);
  result.estimates = measure_sample(sample, ranked, replicas);
  measure_thresholds(result, sample, replicas, threshold_rules(options));
  result.reference_point = metrics::reference_point_of(options.working_points);
  result.reference_threshold = ranked.working_point_threshold(result.reference_point);
  result.technologies = measure_technologies(sample, result.reference_threshold);
  return result;
}

}  // namespace stationhit::evaluation
