#include "run_test.hpp"

#include <cstdio>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <stationhit/config/load.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/evaluation/evaluation.hpp>
#include <stationhit/evaluation/report.hpp>
#include <stationhit/metrics/working_points.hpp>
#include <stationhit/models/cost.hpp>
#include <stationhit/training/scoring.hpp>

#include "labelled_split.hpp"
#include "root_files.hpp"

namespace stationhit::app {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t debug_events = 12;

metrics::ScoredSample score(const Program& program, const LabelledSplit& split,
                            const training::LoadedNetwork& loaded, unsigned threads) {
  const std::uint64_t limit =
      program.options.debug ? debug_events : std::numeric_limits<std::uint64_t>::max();
  const auto events = split.read(true);
  ProgressBar progress = program.progress("test", std::min(limit, split.n_events()));
  metrics::ScoredSample sample;
  const auto append = [&](const training::ScoredEvent& scored) {
    metrics::append(sample, scored.event.truth, scored.hit_scores);
    progress.update(sample.n_events());
    return sample.n_events() < limit && !program.stop_requested();
  };
  training::score_events(*loaded.network, *events, append, threads);
  return sample;
}

std::vector<float> validation_thresholds(const training::CheckpointMetadata& metadata) {
  std::vector<float> thresholds;
  for (const double working_point : metrics::working_points) {
    const auto entry = metadata.thresholds.find(core::to_text(working_point));
    if (entry == metadata.thresholds.end()) return {};
    thresholds.push_back(entry->second);
  }
  return thresholds;
}

// What the test split says about itself; a toy stays one whatever the configuration says.
core::SampleInfo sample_of(const config::RunConfig& run, const LabelledSplit& split) {
  core::SampleInfo sample = split.sample();
  if (sample.origin.empty()) sample.origin = run.sample_label;
  return sample;
}

evaluation::ReportOptions report_options(const config::RunConfig& run,
                                         const training::CheckpointMetadata& metadata) {
  const auto cost = models::cost(metadata.model, metadata.feature_names);
  evaluation::ReportOptions options;
  options.title = "Hit classification: " + metadata.model.architecture;
  options.pos_weight = metadata.pos_weight;
  options.summary = {{"Architecture", metadata.model.architecture},
                     {"Parameters", std::to_string(cost.parameters)},
                     {"Features", core::join(metadata.feature_names)},
                     {"Graph", graph::to_json(metadata.graph)},
                     {"Epoch", std::to_string(metadata.epoch)},
                     {"Training split", run.train_path},
                     {"Test split", run.test_path},
                     {"Program", metadata.program_version + " (" + metadata.git_commit + ")"}};
  return options;
}

}  // namespace

std::optional<evaluation::EvaluationResult> run_test(const Program& program,
                                                     const config::RunConfig& run,
                                                     const training::LoadedNetwork& loaded) {
  const auto split =
      open_labelled_split(config::require(run.test_path, "test_path", program.options.config_file),
                          {loaded.metadata.feature_names, loaded.metadata.graph});
  const metrics::ScoredSample sample = score(program, *split, loaded, run.threads);
  if (program.stop_requested()) {
    program.log().warning("stopped: the test is not written");
    return std::nullopt;
  }
  evaluation::EvaluationOptions options;
  options.validation_thresholds = validation_thresholds(loaded.metadata);
  evaluation::EvaluationResult result = evaluation::evaluate(sample, options);
  std::fputs(evaluation::results_table(result).c_str(), stdout);
  if (program.options.debug) return result;
  const fs::path folder = run.experiment_dir;
  evaluation::ReportOptions report = report_options(run, loaded.metadata);
  report.sample = sample_of(run, *split);
  evaluation::write_evaluation(result, sample, folder, report, program.log());
  write_score_file(folder / "test" / "scores.root", sample, program.log());
  std::printf("report: %s\n", (folder / "report.html").c_str());
  return result;
}

}  // namespace stationhit::app
