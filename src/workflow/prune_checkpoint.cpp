// A step is: importance of the units -> pruned network (a file, so that a run that is continued
// prunes the same) -> training -> test and export. The file carries what decided it, its training
// continues by itself, and test and export are made anew, so the loop over the steps needs no
// journal.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <stationhit/architecture/size_text.hpp>
#include <stationhit/core/directory_lock.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/exporter/exporter.hpp>
#include <stationhit/training/pruning.hpp>
#include <stationhit/workflow/prune_checkpoint.hpp>
#include <stationhit/workflow/trained_network.hpp>

#include "old_results.hpp"
#include "pruning_rules.hpp"
#include "score_onnx_models.hpp"

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;
using training::LoadedNetwork;

constexpr std::uint64_t latency_events = 20;
constexpr std::size_t latency_passes = 6;
constexpr std::int32_t preview_events = 10;

fs::path prune_folder(const config::RunConfig& run) {
  return fs::path(run.experiment_dir) / "prune";
}

fs::path step_folder(const config::RunConfig& run, std::int32_t step) {
  return prune_folder(run) / ("step_" + std::to_string(step));
}

fs::path pruned_file(const config::RunConfig& run, std::int32_t step) {
  return step_folder(run, step) / "pruned.safetensors";
}

fs::path exported_model(const fs::path& folder) { return folder / "checkpoints" / "model.onnx"; }

// Before anything is made.
TrainedNetwork load_prunable_network(const config::RunConfig& run) {
  TrainedNetwork trained = load_trained_network(run);
  training::require_parts(trained.loaded.metadata.model, run.prune);
  return trained;
}

PrunedNetwork describe(const LoadedNetwork& network, const fs::path& folder) {
  const auto& metadata = network.metadata;
  const auto description = architecture::describe_network(metadata.model, metadata.feature_names);
  return {folder, metadata.model, architecture::compute_cost(description).parameters,
          architecture::size_text(metadata.model, description)};
}

// The network of the next step, untrained.
LoadedNetwork prune_network(const LoadedNetwork& network, const config::RunConfig& run,
                            const Splits& splits, std::int32_t events) {
  const training::Importance importance = training::importance(
      network, make_training_run(run), make_training_data(splits, run.seed), events);
  const auto model = training::pruned_model(network.metadata.model, run.prune, importance);
  return training::prune(network, model, importance);
}

// Makes the file with the untrained network of the step if it is not there yet.
void write_pruned_network(const TrainedNetwork& parent, const fs::path& file,
                          const config::RunConfig& run, const Splits& splits,
                          const core::Logger& log) {
  if (fs::exists(file)) return require_same_parent(file, parent.checkpoint);
  fs::create_directories(file.parent_path());
  log.info("importance of " +
           std::to_string(describe(parent.loaded, file.parent_path()).parameters) +
           " parameters on " + std::to_string(run.prune.events) + " events");
  LoadedNetwork pruned = prune_network(parent.loaded, run, splits, run.prune.events);
  record_pruning(pruned.metadata, run, splits, parent.checkpoint);
  training::write_network(file, pruned);
}

// Before the work: steps of an earlier call that belong to another one.
void check_existing_steps(const config::RunConfig& run, const fs::path& checkpoint,
                          const Splits& splits, const core::Logger& log) {
  for (std::int32_t step = 1; step <= run.prune.steps; ++step) {
    const fs::path file = pruned_file(run, step);
    if (!fs::exists(file)) continue;
    require_same_pruning(file, run, splits, log);
    if (step == 1) require_same_parent(file, checkpoint);
  }
}

// The curve and its figures go with the steps that they show.
void remove_steps(const config::RunConfig& run, const core::Logger& log) {
  for (const auto& entry : fs::directory_iterator(prune_folder(run))) {
    const std::string name = entry.path().filename().string();
    if (entry.is_directory() && name.starts_with("step_"))
      remove_made_files(entry.path(), log);
    else if (name.starts_with("curve.") || name.starts_with("purity_and_"))
      fs::remove(entry.path());
  }
}

config::RunConfig fine_tuning_config(config::RunConfig run, const LoadedNetwork& pruned,
                                     const fs::path& folder) {
  run.experiment_dir = folder;
  run.checkpoint_path.clear();
  run.model = pruned.metadata.model;
  run.training.epochs = run.prune.epochs;
  run.training.optimizer.learning_rate = run.prune.learning_rate;
  run.training.early_stopping.enabled = false;
  run.training.loss.pos_weight = pruned.metadata.pos_weight;
  return run;
}

// Trains on from `start` in `folder`. Empty if it was stopped.
std::optional<TrainedNetwork> fine_tune(const fs::path& start, const fs::path& folder,
                                        const config::RunConfig& run, const Splits& splits,
                                        const core::Observer& observer, const PruneHooks& hooks) {
  const LoadedNetwork pruned = training::load_network(start);
  if (hooks.pruned) hooks.pruned(describe(pruned, folder));
  const config::RunConfig tuning = fine_tuning_config(run, pruned, folder);
  training::TrainingRun settings = make_training_run(tuning);
  settings.initial_weights = start;
  settings.normalization = pruned.metadata.normalization;
  const auto result =
      train_network(tuning, settings, splits, observer, {.epoch_done = hooks.epoch_done});
  if (result.interrupted) return std::nullopt;
  return TrainedNetwork{result.best_checkpoint, training::load_network(result.best_checkpoint)};
}

evaluation::Estimate reference_purity(const evaluation::EvaluationResult& evaluation) {
  return evaluation.working_points[evaluation.reference_index()].estimates["purity"];
}

void export_network(const LoadedNetwork& network, const fs::path& file) {
  fs::create_directories(file.parent_path());
  const auto& metadata = network.metadata;
  exporter::export_network(*network.network,
                           {metadata.graph, metadata.thresholds, metadata.pos_weight, "", ""})
      .write(file);
}

// Tests and exports the network; its latency is measured later. Empty if it was stopped.
std::optional<PrunePoint> make_point(const LoadedNetwork& network, const fs::path& folder,
                                     config::RunConfig run, const RunOptions& options,
                                     const core::Observer& observer, const PruneHooks& hooks) {
  run.experiment_dir = folder;
  const auto tested = evaluate_checkpoint(run, network, {options.config_file, false}, observer);
  if (!tested) return std::nullopt;
  if (hooks.tested) hooks.tested(*tested);
  export_network(network, exported_model(folder));
  return PrunePoint{describe(network, folder), reference_purity(tested->evaluation), 0,
                    tested->evaluation.reference_point, tested->evaluation.n_events};
}

void measure_latencies(std::vector<PrunePoint>& points, const LabeledSplit& split,
                       unsigned threads) {
  std::vector<inference::HitClassifier> models;
  for (const PrunePoint& point : points) {
    models.emplace_back(exported_model(point.network.folder),
                        inference::LoadOptions{.backend = inference::BackendChoice::onnxruntime});
  }
  std::vector<const inference::HitClassifier*> all;
  for (const auto& model : models) all.push_back(&model);
  const auto times = time_onnx_models(all, split, latency_events, threads, latency_passes);
  for (std::size_t i = 0; i < points.size(); ++i) points[i].milliseconds = times[i].ms.p50;
}

// Points of all steps. Fewer if it was stopped.
std::vector<PrunePoint> make_points(config::RunConfig run, TrainedNetwork network,
                                    const Splits& splits, const RunOptions& options,
                                    const core::Observer& observer, const PruneHooks& hooks) {
  // All are compared at the working points of the first network.
  const auto& thresholds = network.loaded.metadata.thresholds;
  if (!thresholds.empty()) run.working_points = metrics::working_points_of(thresholds);
  std::vector<PrunePoint> points;
  for (std::int32_t step = 0; step <= run.prune.steps; ++step) {
    const fs::path folder = step_folder(run, step);
    if (step > 0) {
      const fs::path start = pruned_file(run, step);
      write_pruned_network(network, start, run, splits, observer.log());
      auto tuned = fine_tune(start, folder, run, splits, observer, hooks);
      if (!tuned) return points;
      network = std::move(*tuned);
    }
    auto point = make_point(network.loaded, folder, run, options, observer, hooks);
    if (!point) return points;
    points.push_back(std::move(*point));
  }
  return points;
}

}  // namespace

PruneResult prune_checkpoint(const config::RunConfig& run, const RunOptions& options,
                             const core::Observer& observer, const PruneHooks& hooks) {
  config::require_single_rank(run.devices, "prune");
  require_no_data_set(run.experiment_dir);
  const core::DirectoryLock lock(prune_folder(run), observer.log());
  const Splits splits = open_splits(run, options.config_file);
  TrainedNetwork trained = load_prunable_network(run);
  if (options.existing == ExistingResults::replace) remove_steps(run, observer.log());
  check_existing_steps(run, trained.checkpoint, splits, observer.log());
  PruneResult result;
  result.points = make_points(run, std::move(trained), splits, options, observer, hooks);
  result.stopped = result.points.size() <= static_cast<std::size_t>(run.prune.steps);
  if (result.stopped) {
    observer.log().warning("stopped: the same command goes on from here");
    return result;
  }
  measure_latencies(result.points, *splits.test, core::resolve_threads(run.threads));
  result.table = write_prune_curve(result.points, prune_folder(run),
                                   label_sample(*splits.test, run.sample_label));
  return result;
}

std::vector<PrunedNetwork> preview_pruning(const config::RunConfig& run, const RunOptions& options,
                                           const core::Observer& observer) {
  const Splits splits = open_splits(run, options.config_file);
  LoadedNetwork network = load_prunable_network(run).loaded;
  std::vector<PrunedNetwork> steps;
  for (std::int32_t step = 1; step <= run.prune.steps && !observer.stop_requested(); ++step) {
    network = prune_network(network, run, splits, std::min(run.prune.events, preview_events));
    steps.push_back(describe(network, step_folder(run, step)));
  }
  return steps;
}

}  // namespace stationhit::workflow
