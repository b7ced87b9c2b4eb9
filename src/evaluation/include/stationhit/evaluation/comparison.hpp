// Two models on the same events, before and after a change such as quantization.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <stationhit/core/logger.hpp>
#include <stationhit/core/sample_info.hpp>
#include <stationhit/evaluation/evaluation.hpp>

namespace stationhit::evaluation {

struct ComparedModel {
  std::string name;  // heads its column: "float32"
  std::string file = {};
  metrics::ScoredSample sample;
  // The thresholds stored in the file, one per working point; empty if it has none.
  std::vector<float> validation_thresholds = {};
  double median_ms = 0, p99_ms = 0;      // of the model, per event
  std::vector<double> ms_of_calls = {};  // what they were taken from
  std::uint64_t file_bytes = 0;
  std::vector<double> working_points = metrics::default_working_points();  // the same for both
};

// Change of the logits from the first model to the second, over all hits.
struct LogitChange {
  double rms = 0, largest = 0, correlation = 0;
};

struct Comparison {
  ComparedModel before, after;
  EvaluationResult before_result, after_result;
  LogitChange logits;
  // Relative changes, after / before - 1, with their intervals; one entry per working point,
  // thresholds of this sample.
  std::vector<Estimates> changes;
};

// The hits of both samples must be the same (asserted). Throws like evaluate.
[[nodiscard]] Comparison compare(ComparedModel before, ComparedModel after);

// AUC, purity and 1/eps_b at the working points, ms/event, size of both and their relative change,
// with 68 % intervals where the hits of other events would change it, as a table in Markdown, with
// a sentence on speed.
[[nodiscard]] std::string comparison_table(const Comparison& comparison);

// Writes table.md, table.csv, comparison.json and the figures into `folder` (created if missing).
// Throws DataError naming the file that cannot be written.
void write_comparison(const Comparison& comparison, const std::filesystem::path& folder,
                      const core::SampleInfo& sample, const core::Logger& logger = {});

}  // namespace stationhit::evaluation
