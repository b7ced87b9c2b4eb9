// Trained runs side by side: their tests, their trainings and what their configurations differ in.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <stationhit/core/logger.hpp>
#include <stationhit/core/sample_info.hpp>
#include <stationhit/evaluation/report.hpp>
#include <stationhit/evaluation/test_results.hpp>
#include <stationhit/metrics/bootstrap.hpp>
#include <stationhit/metrics/curves.hpp>
#include <stationhit/metrics/kept.hpp>

namespace stationhit::evaluation {

// What the thresholds of the working points keep of a scored sample and of its replicas.
struct PointCounts {
  std::vector<float> thresholds;               // [n_working_points]
  std::vector<metrics::KeptAtThreshold> kept;  // [n_working_points]
  metrics::ReplicaCounts replicas;             // one rule per working point
  std::vector<metrics::CurvePoint> curve;      // operating points at all thresholds
};

// The replicas are the same for all samples with as many events.
[[nodiscard]] PointCounts count_points(const metrics::ScoredSample& sample,
                                       const std::vector<double>& working_points);

// other - first of all quantities that follow from the counts, with 68 % intervals from replicas in
// which both meet the same drawn events; one entry per working point. NaN where the scores do not
// tell a quantity (segments and hit pairs need the places of the hits). Both samples must have the
// same events (asserted as far as the counts tell).
[[nodiscard]] std::vector<Estimates> paired_differences(const PointCounts& first,
                                                        const PointCounts& other);

// Whether both hold the same events with the same hits and muons, in the same order.
[[nodiscard]] bool have_same_events(const metrics::ScoredSample& first,
                                    const metrics::ScoredSample& other);

struct ComparedRun {
  std::string name;              // in tables and legends; different for all runs
  std::filesystem::path folder;  // the run directory
  std::vector<std::pair<std::string, std::string>> summary;  // the same keys for all runs
  TestResults results;
  std::vector<metrics::CurvePoint> curve;  // of the tested scores
  bool same_events = true;                 // as the first run
  // To the first run, one entry per working point; empty for the first run and without same_events.
  std::vector<Estimates> differences = {};
};

// A setting whose value is not the same in all runs.
struct ComparedSetting {
  std::string key;
  std::vector<std::string> values;  // [n_runs]
};

// At least two runs with the same working points.
struct RunComparison {
  std::vector<ComparedRun> runs;
  std::vector<ComparedSetting> settings;
  core::SampleInfo sample;
  std::vector<TrainingCurve> training_curves;  // one figure each
};

// The tables in Markdown: runs, working points with differences, settings.
[[nodiscard]] std::string run_comparison_markdown(const RunComparison& comparison);

// Writes compare.md, compare.json, compare.html and plots/ (PNG, PDF and CSV of every figure; none
// in a build without ROOT) into `folder`, which is made if missing. The page links the reports of
// the runs. Throws DataError naming the file that cannot be written or read.
void write_run_comparison(const RunComparison& comparison, const std::filesystem::path& folder,
                          const core::Logger& logger = {});

}  // namespace stationhit::evaluation
