// From the scores of a sample to the numbers of every table. Definitions: docs/metrics.md.
#pragma once

#include <cstdint>
#include <vector>

#include <stationhit/metrics/bootstrap.hpp>
#include <stationhit/metrics/intervals.hpp>
#include <stationhit/metrics/ranked_scores.hpp>
#include <stationhit/metrics/scored_sample.hpp>

namespace stationhit::evaluation {

struct EvaluationOptions {
  std::vector<double> working_points{metrics::working_points.begin(),
                                     metrics::working_points.end()};
  // Thresholds that another sample (validation) has at these working points, in their order; empty
  // = none.
  std::vector<float> validation_thresholds;
  metrics::BootstrapOptions bootstrap;
};

// A measured value with its 68 % interval; interval ends are NaN where there is none (fewer than
// two events).
struct Estimate {
  double value = 0;
  metrics::Interval interval;
};

// What is kept at one threshold.
struct WorkingPointResult {
  double working_point =
      0;  // share of the true hits that fixed the threshold, here or in the validation sample
  float threshold = 0;  // a hit is kept if its logit > threshold
  metrics::Counts counts;
  std::uint64_t muons_kept = 0;  // of EvaluationResult::n_muons
  Estimate efficiency, purity, rejection,
      hits_kept_per_event;  // intervals: bootstrap over events; of the efficiency the wider of that
                            // and Clopper-Pearson
  Estimate muons_kept_share;  // interval: Clopper-Pearson
};

// Hits of one technology at the threshold of the reference working point. Intervals:
// Clopper-Pearson.
struct TechnologyResult {
  std::uint8_t technology = 0;  // code of core/technology.hpp
  metrics::Counts counts;
  Estimate efficiency, purity, rejection;  // NaN where the technology has no such hits
};

struct EvaluationResult {
  metrics::RankedScores ranked;  // of all hits: curves and distributions
  std::uint64_t n_events = 0, n_hits = 0, n_true_hits = 0, n_muons = 0;
  Estimate auc;                                    // interval: bootstrap over events
  std::vector<WorkingPointResult> working_points;  // thresholds of this sample
  std::vector<WorkingPointResult>
      validation_thresholds;      // thresholds of the validation sample, applied to this sample
  float reference_threshold = 0;  // at metrics::reference_working_point, this sample
  std::vector<TechnologyResult> technologies;  // at reference_threshold; the technologies of Run 4,
                                               // then others that have hits
};

// Throws DataError if the sample has no true hit or no background hit, or a score is not finite;
// ConfigError if a working point is not in (0, 1] or the number of validation thresholds is neither
// 0 nor that of the working points.
[[nodiscard]] EvaluationResult evaluate(const metrics::ScoredSample& sample,
                                        const EvaluationOptions& options = {});

}  // namespace stationhit::evaluation
