// The table of quantities is walked once per threshold: each quantity says how its value and its
// interval follow from the counts. Replicas are drawn once for all thresholds and quantities.
#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/technology.hpp>
#include <stationhit/evaluation/evaluation.hpp>
#include <stationhit/metrics/event_classes.hpp>
#include <stationhit/metrics/hit_classes.hpp>

#include "outputs.hpp"

namespace stationhit::evaluation {
namespace {

// An end that is NaN does not count.
metrics::Interval widen(const metrics::Interval& a, const metrics::Interval& b) {
  return {std::fmin(a.low, b.low), std::fmax(a.high, b.high)};
}

// Each quantity names the source of its interval: exact for counts of independent muons, resampled
// events for hits, which are correlated inside an event.
metrics::Interval interval_at_threshold(const Quantity& quantity,
                                        const metrics::KeptAtThreshold& kept,
                                        std::span<const metrics::KeptAtThreshold> replicas) {
  if (quantity.interval == IntervalSource::clopper_pearson) return quantity.clopper_pearson(kept);
  const metrics::Interval bootstrap = metrics::replica_interval(replicas, quantity.at_threshold);
  return quantity.interval == IntervalSource::wider_of_both
             ? widen(quantity.clopper_pearson(kept), bootstrap)
             : bootstrap;
}

// all: what a threshold below all scores keeps, of the sample and of its replicas.
Estimates measure_sample(const metrics::ScoredSample& sample, const metrics::RankedScores& ranked,
                         const metrics::Replicas& replicas, const metrics::KeptAtThreshold& all,
                         std::span<const metrics::KeptAtThreshold> all_of_replicas) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  Estimates estimates;
  for (const Quantity& quantity : quantities()) {
    if (quantity.before_cut != nullptr) {
      estimates.add(quantity, {quantity.before_cut(all),
                               metrics::replica_interval(all_of_replicas, quantity.before_cut)});
    }
    if (quantity.of_sample == nullptr) continue;
    const double value = quantity.of_sample(ranked);
    estimates.add(quantity, {value, quantity.sample_interval == nullptr
                                        ? metrics::Interval{nan, nan}
                                        : quantity.sample_interval(sample, replicas, value)});
  }
  return estimates;
}

WorkingPointResult measure(double working_point, float threshold,
                           const metrics::KeptAtThreshold& kept,
                           std::span<const metrics::KeptAtThreshold> replicas) {
  WorkingPointResult result{working_point, threshold, kept, {}, {}, {}, {}};
  for (const Quantity& quantity : quantities()) {
    if (quantity.at_threshold == nullptr) continue;
    result.estimates.add(
        quantity, {quantity.at_threshold(kept), interval_at_threshold(quantity, kept, replicas)});
  }
  return result;
}

// Hits or events by class, with what every rule keeps of each class.
template <class Classes>
struct MeasuredClasses {
  Classes classes;
  std::vector<std::vector<metrics::KeptAtThreshold>> kept;  // [n_classes][n_rules]
  std::vector<metrics::ReplicaCounts> replicas;             // [n_classes]
};

MeasuredClasses<metrics::HitClasses> measure_hit_classes(
    const metrics::ScoredSample& sample, metrics::HitClasses classes,
    std::span<const float> thresholds, const metrics::Replicas& replicas,
    std::span<const metrics::ThresholdRule> rules) {
  auto kept = metrics::count_kept_by_class(sample, classes, thresholds);
  auto of_replicas = metrics::count_replicas_by_class(sample, classes, replicas, rules);
  return {std::move(classes), std::move(kept), std::move(of_replicas)};
}

MeasuredClasses<metrics::EventClasses> measure_processes(
    const metrics::ScoredSample& sample, std::span<const float> thresholds,
    const metrics::Replicas& replicas, std::span<const metrics::ThresholdRule> rules) {
  metrics::EventClasses classes = metrics::classify_by_process(sample);
  auto kept = metrics::count_kept_by_event_class(sample, classes, thresholds);
  auto of_replicas = metrics::count_replicas_by_event_class(sample, classes, replicas, rules);
  return {std::move(classes), std::move(kept), std::move(of_replicas)};
}

// A class can have so few hits that its replicas say nothing, so fractions get the wider interval.
metrics::Interval interval_of_class(const Quantity& quantity, const metrics::KeptAtThreshold& kept,
                                    std::span<const metrics::KeptAtThreshold> replicas) {
  if (quantity.interval == IntervalSource::clopper_pearson) return quantity.clopper_pearson(kept);
  const metrics::Interval bootstrap = metrics::replica_interval(replicas, quantity.at_threshold);
  return quantity.clopper_pearson == nullptr ? bootstrap
                                             : widen(quantity.clopper_pearson(kept), bootstrap);
}

// is_given: whether the quantities are given for such classes.
Estimates estimate_class(const metrics::KeptAtThreshold& kept,
                         std::span<const metrics::KeptAtThreshold> replicas,
                         bool Quantity::*is_given) {
  Estimates estimates;
  for (const Quantity& quantity : quantities()) {
    if (!(quantity.*is_given)) continue;
    estimates.add(quantity,
                  {quantity.at_threshold(kept), interval_of_class(quantity, kept, replicas)});
  }
  return estimates;
}

using NameOfCode = std::string (*)(std::uint8_t code);

std::vector<HitClassResult> list_classes(const MeasuredClasses<metrics::HitClasses>& measured,
                                         std::size_t rule, NameOfCode name) {
  std::vector<HitClassResult> results;
  for (std::size_t c = 0; c < measured.classes.codes.size(); ++c) {
    const metrics::KeptAtThreshold& kept = measured.kept[c][rule];
    results.push_back(
        {measured.classes.codes[c], name(measured.classes.codes[c]), kept.hits,
         estimate_class(kept, measured.replicas[c].of_rule(rule), &Quantity::by_class)});
  }
  return results;
}

std::string process_name(std::uint32_t number, const std::map<std::uint32_t, std::string>& names) {
  const auto known = names.find(number);
  if (known != names.end()) return known->second;
  return number == 0 ? "unknown" : std::to_string(number);
}

std::vector<ProcessResult> list_processes(const MeasuredClasses<metrics::EventClasses>& measured,
                                          std::size_t rule,
                                          const std::map<std::uint32_t, std::string>& names) {
  std::vector<ProcessResult> results;
  for (std::size_t c = 0; c < measured.classes.codes.size(); ++c) {
    const metrics::KeptAtThreshold& kept = measured.kept[c][rule];
    const std::uint32_t number = measured.classes.codes[c];
    results.push_back(
        {number, process_name(number, names), kept,
         estimate_class(kept, measured.replicas[c].of_rule(rule), &Quantity::by_process)});
  }
  return results;
}

std::string layer_name(std::uint8_t code) {
  return std::string(core::name(static_cast<core::StationLayer>(code)));
}

std::vector<metrics::ThresholdRule> working_point_rules(const EvaluationOptions& options) {
  std::vector<metrics::ThresholdRule> rules;
  for (const double working_point : options.working_points) rules.push_back({working_point, {}});
  return rules;
}

// The rules of the working points, then those of the validation thresholds, then one that keeps
// all hits.
std::vector<metrics::ThresholdRule> threshold_rules(const EvaluationOptions& options) {
  std::vector<metrics::ThresholdRule> rules = working_point_rules(options);
  for (std::size_t i = 0; i < options.validation_thresholds.size(); ++i) {
    rules.push_back({options.working_points[i], options.validation_thresholds[i]});
  }
  rules.push_back({1.0, -std::numeric_limits<float>::infinity()});
  return rules;
}

// What every rule keeps of all hits of a sample.
struct MeasuredRules {
  std::span<const metrics::ThresholdRule> rules;
  std::vector<float> thresholds;               // [n_rules]
  std::vector<metrics::KeptAtThreshold> kept;  // [n_rules]
  metrics::ReplicaCounts replicas;

  [[nodiscard]] WorkingPointResult result_of(std::size_t rule) const {
    return measure(rules[rule].working_point, thresholds[rule], kept[rule], replicas.of_rule(rule));
  }
};

// One pass over all hits for all thresholds, and one for all replicas of them.
MeasuredRules measure_rules(const metrics::ScoredSample& sample,
                            const metrics::RankedScores& ranked, const metrics::Replicas& replicas,
                            std::span<const metrics::ThresholdRule> rules) {
  std::vector<float> thresholds;
  for (const metrics::ThresholdRule& rule : rules) {
    thresholds.push_back(rule.threshold ? *rule.threshold
                                        : ranked.working_point_threshold(rule.working_point));
  }
  auto kept = metrics::count_kept(sample, thresholds);
  return {rules, std::move(thresholds), std::move(kept),
          metrics::count_replicas(sample, replicas, rules)};
}

void measure_thresholds(EvaluationResult& result, const metrics::ScoredSample& sample,
                        const metrics::Replicas& replicas, const EvaluationOptions& options) {
  const std::vector<metrics::ThresholdRule> rules = threshold_rules(options);
  const MeasuredRules measured = measure_rules(sample, result.ranked, replicas, rules);
  const auto& thresholds = measured.thresholds;
  const auto technologies = measure_hit_classes(sample, metrics::classify_by_technology(sample),
                                                thresholds, replicas, rules);
  const auto layers = measure_hit_classes(sample, metrics::classify_by_station_layer(sample),
                                          thresholds, replicas, rules);
  const auto processes = measure_processes(sample, thresholds, replicas, rules);
  for (std::size_t i = 0; i + 1 < rules.size(); ++i) {
    auto& list = rules[i].threshold ? result.validation_thresholds : result.working_points;
    list.push_back(measured.result_of(i));
    list.back().technologies = list_classes(technologies, i, technology_name);
    list.back().station_layers = list_classes(layers, i, layer_name);
    list.back().processes = list_processes(processes, i, options.process_names);
  }
  result.estimates = measure_sample(sample, result.ranked, replicas, measured.kept.back(),
                                    measured.replicas.of_rule(rules.size() - 1));
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
  measure_thresholds(result, sample, replicas, options);
  result.reference_point = metrics::reference_point_of(options.working_points);
  result.reference_threshold = ranked.working_point_threshold(result.reference_point);
  result.dropped_ceiling = options.dropped_ceiling;
  return result;
}

NodeResult evaluate_nodes(const metrics::ScoredSample& nodes, const EvaluationOptions& options) {
  const metrics::RankedScores ranked(nodes.score, metrics::hit_labels(nodes));
  const metrics::Replicas replicas = metrics::draw_replicas(nodes.n_events(), options.bootstrap);
  const double auc = ranked.auc();
  NodeResult result{nodes.n_hits(),
                    ranked.signal().size(),
                    {auc, metrics::auc_interval(nodes, replicas, auc)},
                    {}};
  // Validation thresholds are those of hits.
  const auto rules = working_point_rules(options);
  const MeasuredRules measured = measure_rules(nodes, ranked, replicas, rules);
  for (std::size_t rule = 0; rule < rules.size(); ++rule)
    result.working_points.push_back(measured.result_of(rule));
  return result;
}

}  // namespace stationhit::evaluation
