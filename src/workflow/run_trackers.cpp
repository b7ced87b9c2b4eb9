#include <algorithm>
#include <string>
#include <vector>

#include <stationhit/config/load.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/tracking/tensorboard.hpp>
#include <stationhit/workflow/run_trackers.hpp>

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;

// The check of the configuration permits no other name than tensorboard.
std::vector<tracking::TrackerList::Named> make_trackers(const config::RunConfig& run,
                                                        const RunOptions& options) {
  std::vector<tracking::TrackerList::Named> trackers;
  if (options.debug) return trackers;
  for (const std::string& name : run.trackers)
    trackers.emplace_back(
        name, tracking::make_tensorboard_tracker(fs::path(run.experiment_dir) / "tensorboard"));
  return trackers;
}

void append(std::vector<tracking::MetricValue>& metrics, const evaluation::Estimates& estimates,
            const std::string& suffix) {
  for (const auto& [quantity, estimate] : estimates)
    metrics.push_back({"test/" + (quantity->key + suffix), estimate.value});
}

std::vector<fs::path> find_figures(const fs::path& folder) {
  std::vector<fs::path> figures;
  std::error_code missing;  // a build without ROOT draws none
  for (const auto& entry : fs::directory_iterator(folder, missing))
    if (entry.path().extension() == ".png") figures.push_back(entry.path());
  std::ranges::sort(figures);
  return figures;
}

}  // namespace

RunTrackers::RunTrackers(const config::RunConfig& run, const RunOptions& options,
                         const core::Logger& log)
    : figures_(fs::path(run.experiment_dir) / "plots"),
      trackers_(make_trackers(run, options), config::dump(run), log) {}

RunTrackers::~RunTrackers() { finish(tracking::EndState::failed); }

void RunTrackers::log_row(const training::EpochMetrics& row, const std::string& prefix) {
  std::vector<tracking::MetricValue> metrics;
  for (const training::EpochMetric& metric : training::epoch_metrics)
    metrics.push_back({prefix + metric.name, row.*metric.value});
  trackers_.log_metrics(metrics, row.epoch);
}

void RunTrackers::log_epoch(const training::EpochMetrics& row) { log_row(row, ""); }

void RunTrackers::log_first_stage_epoch(const training::EpochMetrics& row) {
  log_row(row, "first_stage/");
}

void RunTrackers::log_test(const TestResult& result, std::int64_t epoch) {
  std::vector<tracking::MetricValue> metrics;
  append(metrics, result.evaluation.estimates, "");
  for (const auto& point : result.evaluation.working_points)
    append(metrics, point.estimates, "_" + core::to_text(point.working_point));
  trackers_.log_metrics(metrics, epoch);
  for (const fs::path& figure : find_figures(figures_)) trackers_.log_figure(figure, epoch);
}

void RunTrackers::finish(tracking::EndState state) {
  if (finished_) return;
  finished_ = true;
  trackers_.finish(state);
}

}  // namespace stationhit::workflow
