// Tables, figures and the page of an evaluation.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <stationhit/core/logger.hpp>
#include <stationhit/core/sample_info.hpp>
#include <stationhit/evaluation/evaluation.hpp>

namespace stationhit::evaluation {

// How the figures of a training show a column of metrics.csv.
struct TrainingCurve {
  std::string column;
  std::string figure;  // file name without extension; curves of the same name share figure and axis
  std::string axis_title;
  std::string label = {};  // in the legend; empty: none
  enum class Scale { linear, logarithmic, distance_to_one } scale = Scale::linear;
};

struct ReportOptions {
  std::string title = "Hit classification";  // heading of report.html
  std::vector<std::pair<std::string, std::string>>
      summary;  // lines of its first table: what was trained on what
  core::SampleInfo
      sample;  // origin and pile-up: on every figure and under the heading; nothing where unknown
  double pos_weight = 1.0;  // of the loss: the calibration curve uses logit - ln(pos_weight)
  std::vector<TrainingCurve> training_curves = {};
  std::optional<std::int32_t> best_epoch = {};  // marked in the figures of the training
  std::vector<std::string> files = {};          // others in the run directory that the page links
};

// AUC and the working points with intervals, for a terminal. Several lines, each ended.
[[nodiscard]] std::string results_table(const EvaluationResult& result);

// Writes into the run directory `folder` (created if missing): test/metrics.json,
// test/{working_points,technologies,station_layers,processes}.csv, plots/ (figures as PNG, PDF and
// CSV; left out with a note to the logger in a build without ROOT) and report.html. The numbers of
// the training curves come from folder/metrics.csv where that exists. Throws DataError naming the
// file that cannot be written or read.
void write_evaluation(const EvaluationResult& result, const metrics::ScoredSample& sample,
                      const std::filesystem::path& folder, const ReportOptions& options = {},
                      const core::Logger& logger = {});

}  // namespace stationhit::evaluation
