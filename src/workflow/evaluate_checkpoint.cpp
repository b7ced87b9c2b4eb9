#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <stationhit/architecture/cost.hpp>
#include <stationhit/architecture/numerical_constants.hpp>
#include <stationhit/config/load.hpp>
#include <stationhit/core/directory_lock.hpp>
#include <stationhit/core/output_target.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/evaluation/report.hpp>
#include <stationhit/metrics/working_points.hpp>
#include <stationhit/simulation/simulator.hpp>
#include <stationhit/training/run_files.hpp>
#include <stationhit/training/scoring.hpp>
#include <stationhit/workflow/evaluate_checkpoint.hpp>
#include <stationhit/workflow/labeled_split.hpp>

#include "disjoint_splits.hpp"
#include "graph_text.hpp"
#include "network_scorer.hpp"
#include "old_results.hpp"
#include "root_files.hpp"
#include "training_curves.hpp"
#include "training_texts.hpp"

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t debug_events = 12;

struct ScoredSplit {
  metrics::ScoredSample hits, nodes;
};

ScoredSplit score(const LabeledSplit& split, const training::LoadedNetwork& loaded,
                  std::uint64_t max_events, unsigned threads, const core::Observer& observer) {
  const auto events = split.read_verified();
  const auto progress = observer.start_progress("test", std::min(max_events, split.n_events()));
  ScoredSplit scored;
  const auto append = [&](const training::ScoredEvent& event) {
    metrics::append(scored.hits, event.event.truth, event.hit_scores);
    metrics::append_nodes(scored.nodes, event.event.truth, event.event.inputs.nodes.hit,
                          event.node_logits);
    progress->update(scored.hits.n_events());
    return scored.hits.n_events() < max_events && !observer.stop_requested();
  };
  training::score_events(make_scorer(loaded, split, observer.log()), *events, append, threads);
  return scored;
}

// The checkpoint carries its working points with its thresholds; one without thresholds takes those
// of the run.
evaluation::EvaluationOptions evaluation_options(const config::RunConfig& run,
                                                 const training::CheckpointMetadata& metadata,
                                                 const core::Logger& log) {
  evaluation::EvaluationOptions options;
  options.working_points = run.working_points;
  if (architecture::has_first_stage(metadata.model))
    options.dropped_ceiling = architecture::dropped_ceiling;
  if (metadata.thresholds.empty()) return options;
  options.working_points = metrics::working_points_of(metadata.thresholds);
  options.validation_thresholds = metrics::in_order_of_points(metadata.thresholds);
  if (options.working_points != run.working_points) {
    log.warning("the checkpoint has thresholds at the working points " +
                core::value_text(options.working_points) + ", which are taken; the configuration " +
                "has working_points: " + core::value_text(run.working_points));
  }
  return options;
}

void tell_that_nothing_is_written(const core::Observer& observer) {
  observer.log().warning("stopped: the test is not written");
}

// Resampling takes a minute for 10,000 events and does not ask whether to stop. nullopt: stopped.
std::optional<evaluation::EvaluationResult> measure(ScoredSplit& scored,
                                                    const evaluation::EvaluationOptions& options,
                                                    const core::Observer& observer) {
  const auto ending = observer.allow_ending("stopped: the test is not written\n");
  if (observer.stop_requested()) return tell_that_nothing_is_written(observer), std::nullopt;
  auto of_nodes = evaluation::evaluate_nodes(scored.nodes, options);
  scored.nodes = {};  // as large as the hits, and not needed again
  auto result = evaluation::evaluate(scored.hits, options);
  result.nodes = std::move(of_nodes);
  return result;
}

std::string describe_time(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M UTC", &utc);
  return text.data();
}

std::string describe_optimizer(const training::OptimizerConfig& optimizer) {
  return std::string(core::name(optimizer.name)) + ", learning rate " +
         core::to_text(optimizer.learning_rate);
}

// What the page links, as far as it is there: a test of another checkpoint has no training.
std::vector<std::string> find_run_files(const fs::path& folder) {
  std::vector<std::string> files{"config.yaml", "metrics.csv", "run.log"};
  std::erase_if(files, [&](const std::string& file) { return !fs::exists(folder / file); });
  return files;
}

// A checkpoint that was named; empty for the best one of the run, which is tested otherwise.
std::string describe_other_checkpoint(const config::RunConfig& run,
                                      const training::CheckpointMetadata& metadata) {
  const fs::path& tested = run.checkpoint_path;
  std::error_code none;
  if (tested.empty() || fs::equivalent(tested, training::best_checkpoint(run.experiment_dir), none))
    return "";
  return tested.string() + ", epoch " + std::to_string(metadata.epoch);
}

evaluation::ReportOptions report_options(const config::RunConfig& run,
                                         const training::CheckpointMetadata& metadata,
                                         const std::string& other_checkpoint) {
  const auto cost = architecture::compute_cost(
      architecture::describe_network(metadata.model, metadata.feature_names));
  const auto trained = config::parse_text<config::RunConfig>(metadata.config_yaml,
                                                             "the configuration in the checkpoint");
  evaluation::ReportOptions options;
  options.title = "Hit classification: " + metadata.model.architecture;
  options.pos_weight = metadata.pos_weight;
  options.training_curves = training_curves();
  // A checkpoint of another run has no place in the curves of this one.
  if (other_checkpoint.empty()) options.best_epoch = metadata.epoch;
  options.summary = {{"Run", run.experiment_dir},
                     {"Tested", describe_time(std::chrono::system_clock::now())},
                     {"Architecture", metadata.model.architecture},
                     {"Parameters", std::to_string(cost.parameters)},
                     {"Features", core::join(metadata.feature_names)},
                     {"Graph", describe_graph(metadata.graph)},
                     {"Seed", std::to_string(trained.seed)},
                     {"Optimizer", describe_optimizer(trained.training.optimizer)},
                     {"Schedule", describe_schedule(trained.training)},
                     {"Weights", describe_weights(trained.training)},
                     {"Device", describe_device(metadata)},
                     {"Training split", run.train_path},
                     {"Test split", run.test_path},
                     {"Machine of the test", describe_this_machine()},
                     {"Program", metadata.program_version + " (" + metadata.git_commit + ")"}};
  if (!other_checkpoint.empty()) {
    // It may be of another run and says nothing about how this one went.
    options.summary.emplace_back("Tested checkpoint", other_checkpoint);
  } else {
    options.summary.emplace_back("Best epoch", std::to_string(metadata.epoch));
    options.summary.emplace_back("Epochs", describe_epochs(run.experiment_dir, run.training));
  }
  return options;
}

// Gives the path of the report.
fs::path write_results(const config::RunConfig& run, const training::LoadedNetwork& loaded,
                       const LabeledSplit& split, const metrics::ScoredSample& sample,
                       const evaluation::EvaluationResult& result, const core::Logger& log) {
  const fs::path folder = run.experiment_dir;
  evaluation::ReportOptions options = report_options(run, loaded.metadata, result.checkpoint);
  options.sample = label_sample(split, run.sample_label);
  options.files = find_run_files(folder);
  evaluation::write_evaluation(result, sample, folder, options, log);
  write_score_file(folder / "test" / "scores.root", sample, log);
  return folder / "report.html";
}

}  // namespace

std::optional<TestResult> evaluate_checkpoint(const config::RunConfig& run,
                                              const training::LoadedNetwork& loaded,
                                              const RunOptions& options,
                                              const core::Observer& observer) {
  require_disjoint_splits(run);
  const auto split =
      open_labeled_split(config::require(run.test_path, "test_path", options.config_file),
                         {loaded.metadata.feature_names, loaded.metadata.graph});
  std::unique_ptr<core::DirectoryLock> lock;
  if (!options.debug) {
    const fs::path folder = run.experiment_dir;
    require_no_data_set(folder);
    core::require_output_folder(folder);
    core::require_output_folder(folder / "plots");
    // A training must not fail at its end because someone tests what it has until then.
    lock = core::wait_for_lock(folder / "test", observer);
    if (!lock) return tell_that_nothing_is_written(observer), std::nullopt;
  }
  const std::uint64_t max_events =
      options.debug ? debug_events : std::numeric_limits<std::uint64_t>::max();
  ScoredSplit scored = score(*split, loaded, max_events, run.threads, observer);
  auto evaluated = evaluation_options(run, loaded.metadata, observer.log());
  evaluated.process_names = simulation::process_names(split->sample());
  auto measured = measure(scored, evaluated, observer);
  if (!measured) return std::nullopt;
  warn_of_missing_places(scored.hits, run.test_path, observer.log());
  measured->checkpoint = describe_other_checkpoint(run, loaded.metadata);
  TestResult result{*std::move(measured), {}};
  if (!options.debug)
    result.report =
        write_results(run, loaded, *split, scored.hits, result.evaluation, observer.log());
  if (observer.stop_requested())
    observer.log().warning("stopped: all events were tested before, so nothing is missing");
  return result;
}

}  // namespace stationhit::workflow
