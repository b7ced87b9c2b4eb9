#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <stationhit/config/load.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/core/version.hpp>
#include <stationhit/tracking/comet.hpp>
#include <stationhit/tracking/mlflow.hpp>
#include <stationhit/tracking/tensorboard.hpp>
#include <stationhit/workflow/run_trackers.hpp>

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;

// The check of the configuration permits no other names in trackers; comet is that of use_comet.
std::unique_ptr<tracking::Tracker> make_tracker(const std::string& name, const fs::path& folder,
                                                const core::Logger& log) {
  if (name == "comet") return tracking::make_comet_tracker(folder / name, log);
  if (name == "mlflow") return tracking::make_mlflow_tracker(folder / name, log);
  return tracking::make_tensorboard_tracker(folder / name);
}

// A tracker that cannot be used is left out with a warning, like one that fails later.
std::vector<tracking::TrackerList::Named> make_trackers(const config::RunConfig& run,
                                                        const RunOptions& options,
                                                        const core::Logger& log) {
  std::vector<tracking::TrackerList::Named> trackers;
  if (options.debug) return trackers;
  std::vector<std::string> names = run.trackers;
  if (run.use_comet) names.emplace_back("comet");
  for (const std::string& name : names) {
    try {
      trackers.emplace_back(name, make_tracker(name, run.experiment_dir, log));
    } catch (const core::Error& error) {
      log.warning("the tracker " + name + " records nothing of this training: " + error.what());
    }
  }
  return trackers;
}

// "edgeconv" of "runs/edgeconv/".
std::string run_name(const std::string& experiment_dir) {
  const fs::path folder = fs::absolute(experiment_dir).lexically_normal();
  return folder.has_filename() ? folder.filename() : folder.parent_path().filename();
}

tracking::RunDescription describe_run(const config::RunConfig& run,
                                      const std::vector<tracking::NamedText>& libraries) {
  tracking::RunDescription description{.name = run_name(run.experiment_dir),
                                       .configuration = config::dump(run),
                                       .parameters = {},
                                       .versions = {{"stationhit", std::string(core::version())},
                                                    {"commit", std::string(core::git_commit())}},
                                       .machine = tracking::describe_machine()};
  auto& versions = description.versions;
  versions.insert(versions.end(), libraries.begin(), libraries.end());
  core::visit_settings(
      run, "",
      [&](const std::string& key, const auto& value, const char*, const core::SettingRule&) {
        description.parameters.emplace_back(key, core::value_text(value));
      });
  return description;
}

void append(std::vector<tracking::MetricValue>& metrics, const evaluation::Estimates& estimates,
            const std::string& suffix) {
  for (const auto& [quantity, estimate] : estimates)
    metrics.push_back({"test/" + (quantity->key + suffix), estimate.value});
}

std::uint64_t steps_of(std::uint64_t events, std::uint64_t events_per_step) {
  return (events + events_per_step - 1) / events_per_step;
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
                         const core::Logger& log, const std::vector<tracking::NamedText>& libraries,
                         std::uint32_t ranks)
    : events_per_step_(static_cast<std::uint64_t>(run.training.batch_size) *
                       run.training.accumulate_batches * ranks),
      figures_(fs::path(run.experiment_dir) / "plots"),
      trackers_(make_trackers(run, options, log), describe_run(run, libraries), log) {}

RunTrackers::~RunTrackers() { finish(tracking::EndState::failed); }

void RunTrackers::log_progress(const training::TrainingProgress& now) {
  constexpr std::uint64_t recorded_steps = 50;
  if (now.phase != training::Phase::training) return;
  trackers_.start({.epoch = now.epoch});
  loss_since_record_ += now.step_loss;
  ++steps_since_record_;
  const std::uint64_t step = steps_of(now.events, events_per_step_);
  const std::uint64_t steps_per_epoch = steps_of(now.total_events, events_per_step_);
  if (step % std::max<std::uint64_t>(steps_per_epoch / recorded_steps, 1) != 0) return;
  const auto earlier_epochs = static_cast<std::uint64_t>(now.epoch - 1);
  steps_.push_back({std::exchange(loss_since_record_, 0) / std::exchange(steps_since_record_, 0),
                    now.learning_rate,
                    {.epoch = now.epoch,
                     .step = static_cast<std::int64_t>(earlier_epochs * steps_per_epoch + step)}});
}

void RunTrackers::log_row(const training::EpochMetrics& row, const std::string& prefix) {
  for (const StepValues& step : std::exchange(steps_, {})) {
    const std::vector<tracking::MetricValue> values{
        {prefix + "step/train_loss", step.loss},
        {prefix + "step/learning_rate", step.learning_rate}};
    trackers_.log_metrics(values, step.moment);
  }
  std::vector<tracking::MetricValue> metrics;
  for (const training::EpochMetric& metric : training::epoch_metrics)
    metrics.push_back({prefix + metric.name, row.*metric.value});
  for (const auto& [name, purity] : row.val_purities) metrics.push_back({prefix + name, purity});
  trackers_.log_metrics(metrics, {.epoch = row.epoch});
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
  trackers_.log_metrics(metrics, {.epoch = epoch});
  for (const fs::path& figure : find_figures(figures_))
    trackers_.log_figure(figure, {.epoch = epoch});
}

void RunTrackers::finish(tracking::EndState state) {
  if (finished_) return;
  finished_ = true;
  trackers_.finish(state);
}

}  // namespace stationhit::workflow
