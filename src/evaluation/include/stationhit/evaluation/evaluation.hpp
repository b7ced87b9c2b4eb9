// From the scores of a sample to the numbers of every table. Definitions: docs/metrics.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <stationhit/evaluation/quantities.hpp>
#include <stationhit/metrics/bootstrap.hpp>
#include <stationhit/metrics/ranked_scores.hpp>
#include <stationhit/metrics/scored_sample.hpp>

namespace stationhit::evaluation {

struct EvaluationOptions {
  std::vector<double> working_points = metrics::default_working_points();  // at least one
  // Thresholds that another sample (validation) has at these working points, in their order; empty
  // = none.
  std::vector<float> validation_thresholds;
  metrics::BootstrapOptions bootstrap;
  // Of a network of two stages: the largest logit of a hit that the first stage dropped.
  std::optional<float> dropped_ceiling;
  // Names of processes by their mcChannelNumber; the number is the name of the others.
  std::map<std::uint32_t, std::string> process_names = {};
};

// Hits of one technology or station layer at a threshold.
struct HitClassResult {
  std::uint8_t code = 0;  // of core::Technology or core::StationLayer
  std::string name;       // "MDT", "EM"
  metrics::Counts counts;
  // The quantities that are given by class; NaN where the class has no such hits.
  Estimates estimates;
};

// Events of one process at a threshold of the whole sample.
struct ProcessResult {
  std::uint32_t mc_channel_number = 0;  // 0 unknown
  std::string name;                     // "ttbar", "601229"
  metrics::KeptAtThreshold kept;        // without hit pairs
  // The quantities that are given by process; NaN where it has no such hits or muons.
  Estimates estimates;
};

// What one threshold keeps.
struct WorkingPointResult {
  // Share of the signal hits that fixed the threshold, here or in the validation sample.
  double working_point = 0;
  float threshold = 0;  // a hit is kept if its logit > threshold
  metrics::KeptAtThreshold kept;
  Estimates estimates;                         // of the quantities at a threshold
  std::vector<HitClassResult> technologies;    // those of Run 4, then others that have hits
  std::vector<HitClassResult> station_layers;  // empty for a sample without places
  // By channel number; empty where metrics::classify_by_process gives no classes.
  std::vector<ProcessResult> processes;
};

// The same sample node by node: a hit that is in two buckets counts twice, each time with its own
// logit. What the loss and the network see, and what some publications count.
struct NodeResult {
  std::uint64_t n_nodes = 0, n_true_nodes = 0;
  Estimate auc;
  // At the thresholds of the nodes; efficiency, purity and rejection are those of nodes.
  std::vector<WorkingPointResult> working_points;
};

struct EvaluationResult {
  metrics::RankedScores ranked;  // of all hits: curves and distributions
  std::uint64_t n_events = 0, n_hits = 0, n_true_hits = 0, n_muons = 0;
  Estimates estimates;                             // of the quantities of the whole sample
  std::vector<WorkingPointResult> working_points;  // thresholds of this sample
  // Thresholds of the validation sample, applied to this sample.
  std::vector<WorkingPointResult> validation_thresholds;
  std::optional<NodeResult> nodes;  // where they were measured
  std::string checkpoint;  // with its epoch, where it is not the best one of the run; else empty
  std::optional<float> dropped_ceiling;  // of the options
  // The working point that is shown where a single one is (metrics::reference_point_of), and its
  // threshold of this sample.
  double reference_point = metrics::reference_working_point;
  float reference_threshold = 0;

  // Where the reference point stands in working_points.
  [[nodiscard]] std::size_t reference_index() const;
  [[nodiscard]] const WorkingPointResult& at_reference() const {
    return working_points[reference_index()];
  }
};

// Throws DataError if the sample has no signal hit or no background hit, or a score is not finite;
// ConfigError if a working point is not in (0, 1] or the number of validation thresholds is neither
// 0 nor that of the working points.
[[nodiscard]] EvaluationResult evaluate(const metrics::ScoredSample& sample,
                                        const EvaluationOptions& options = {});

// nodes: made by metrics::append_nodes. Throws as evaluate.
[[nodiscard]] NodeResult evaluate_nodes(const metrics::ScoredSample& nodes,
                                        const EvaluationOptions& options = {});

}  // namespace stationhit::evaluation
