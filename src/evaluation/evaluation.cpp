#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/technology.hpp>
#include <stationhit/evaluation/evaluation.hpp>
#include <stationhit/metrics/muons.hpp>

namespace stationhit::evaluation {
namespace {

Estimate share(std::uint64_t passed, std::uint64_t total) {
  return {static_cast<double>(passed) / static_cast<double>(total),
          metrics::clopper_pearson(passed, total)};
}

// 1/eps_b with the interval of eps_b turned over.
Estimate rejection_of(const metrics::Counts& counts) {
  const metrics::Interval kept =
      metrics::clopper_pearson(counts.false_positives, counts.background());
  return {counts.rejection(), {1.0 / kept.high, 1.0 / kept.low}};
}

// The lower of the lower and the higher of the higher ends. Replicas of a sample that loses no true
// hit lose none either: the bootstrap alone would promise certainty. An end that is NaN does not
// count.
metrics::Interval wider(const metrics::Interval& a, const metrics::Interval& b) {
  return {std::fmin(a.low, b.low), std::fmax(a.high, b.high)};
}

WorkingPointResult measure(double working_point, float threshold,
                           const metrics::RankedScores& ranked, std::span<const float> muon_scores,
                           std::size_t n_events, const metrics::RuleIntervals& intervals) {
  WorkingPointResult result;
  result.working_point = working_point;
  result.threshold = threshold;
  result.counts = ranked.counts_at(threshold);
  result.muons_kept = static_cast<std::uint64_t>(std::count_if(
      muon_scores.begin(), muon_scores.end(), [&](float score) { return score > threshold; }));
  result.efficiency = {
      result.counts.efficiency(),
      wider(metrics::clopper_pearson(result.counts.true_positives, result.counts.signal()),
            intervals.efficiency)};
  result.purity = {result.counts.purity(), intervals.purity};
  result.rejection = {result.counts.rejection(), intervals.rejection};
  result.hits_kept_per_event = {
      static_cast<double>(result.counts.kept()) / static_cast<double>(n_events),
      intervals.hits_kept_per_event};
  result.muons_kept_share = share(result.muons_kept, muon_scores.size());
  return result;
}

std::vector<TechnologyResult> by_technology(const metrics::ScoredSample& sample, float threshold) {
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
  std::vector<std::uint8_t> codes;
  for (const core::Technology technology : core::technologies)
    codes.push_back(static_cast<std::uint8_t>(technology));
  for (std::size_t code = 0; code < counts.size(); ++code) {
    const bool listed = std::find(codes.begin(), codes.end(), code) != codes.end();
    if (!listed && counts[code] != metrics::Counts{})
      codes.push_back(static_cast<std::uint8_t>(code));
  }
  std::vector<TechnologyResult> result;
  for (const std::uint8_t code : codes) {
    const metrics::Counts& c = counts[code];
    result.push_back({code, c, share(c.true_positives, c.signal()),
                      share(c.true_positives, c.kept()), rejection_of(c)});
  }
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

}  // namespace

EvaluationResult evaluate(const metrics::ScoredSample& sample, const EvaluationOptions& options) {
  if (!options.validation_thresholds.empty() &&
      options.validation_thresholds.size() != options.working_points.size()) {
    throw core::ConfigError(std::to_string(options.validation_thresholds.size()) +
                            " validation thresholds for " +
                            std::to_string(options.working_points.size()) +
                            " working points: give one for each, or none");
  }
  const std::vector<float> muon_scores = metrics::muon_scores(sample);
  const std::vector<metrics::ThresholdRule> rules = threshold_rules(options);

  EvaluationResult result;
  result.ranked = metrics::RankedScores(sample.score, metrics::hit_labels(sample));
  const metrics::RankedScores& ranked = result.ranked;
  result.n_events = sample.n_events();
  result.n_hits = sample.n_hits();
  result.n_true_hits = ranked.signal().size();
  result.n_muons = sample.n_muons();
  result.auc.value = ranked.auc();
  const metrics::BootstrapIntervals intervals =
      metrics::bootstrap_intervals(sample, rules, result.auc.value, options.bootstrap);
  result.auc.interval = intervals.auc;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const float threshold = rules[i].threshold
                                ? *rules[i].threshold
                                : ranked.working_point_threshold(rules[i].working_point);
    auto& list = rules[i].threshold ? result.validation_thresholds : result.working_points;
    list.push_back(measure(rules[i].working_point, threshold, ranked, muon_scores,
                           sample.n_events(), intervals.rules[i]));
  }
  result.reference_threshold = ranked.working_point_threshold(metrics::reference_working_point);
  result.technologies = by_technology(sample, result.reference_threshold);
  return result;
}

}  // namespace stationhit::evaluation
