// The loop: make or continue the learner, look at the split once, then epoch after epoch: train and
// validate (epoch.hpp), decide (training_state.hpp), call the callbacks, save (run_directory.hpp).
// All that an epoch changes is in the learner and in the state, and both are in checkpoints/last.
// Every rank runs the same loop and decides the same; only what is written is left to rank 0.
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include <stationhit/core/errors.hpp>
#include <stationhit/features/features.hpp>
#include <stationhit/training/run_files.hpp>
#include <stationhit/training/trainer.hpp>

#include "callbacks.hpp"
#include "common_start.hpp"
#include "epoch.hpp"
#include "first_stage.hpp"
#include "learner.hpp"
#include "limits.hpp"
#include "monitor.hpp"
#include "overfit.hpp"
#include "pos_weight.hpp"
#include "run_directory.hpp"
#include "samples.hpp"
#include "survivors.hpp"
#include "torch_threads.hpp"
#include "training_state.hpp"
#include "validation.hpp"

namespace stationhit::training {
namespace {

void check_settings(const TrainingRun& run) {
  check(run.training);
  check_metric(monitor_key, run.training.monitor, run.working_points);
  check_metric(keep_best_metric_key, run.training.keep_best.metric, run.working_points);
  graph::check(run.graph);
  features::check_feature_names(run.features);
  if (run.training.precision != Precision::float32 && joined_events(run) == 0)
    throw core::ConfigError(
        "training.precision: bf16 is for GPUs, and this training runs on the CPU; set "
        "training.precision: float32, or train with devices: 1 where LibTorch finds a GPU");
}

// On the CPU they are the same anyway.
void choose_algorithms(const TrainingRun& run) {
  if (run.gpu)
    at::globalContext().setDeterministicAlgorithms(run.training.deterministic, /*warn_only=*/false);
}

// The pass over the training split before the first epoch.
ReadSamples read_training_split(const TrainingRun& run, const TrainingData& data, Counting counting,
                                const TrainingHooks& hooks) {
  const std::size_t budget = std::size_t{run.training.memory_limit} << 20U;
  ReadSamples samples = read_samples(run, data, counting, hooks, budget);
  if (hooks.stop_requested()) return samples;
  if (samples.counts.events == 0)
    throw core::DataError("the training split has no events; check train_path");
  hooks.log.info(samples.source.cached()
                     ? "the inputs of the training split stay in memory"
                     : "the training split is read again in every epoch, because "
                       "its inputs exceed training.memory_limit");
  return samples;
}

TrainingResult make_result(const TrainingRun& run, const Learner& learner, Callbacks& callbacks,
                           TrainingState state, bool interrupted) {
  TrainingResult result;
  result.history = std::move(state.history);
  result.network = callbacks.validated_network(learner);
  result.network->eval();
  if (!run.debug && run.keeps_files) {
    result.best_checkpoint = best_checkpoint(run.directory);
    result.last_checkpoint = last_checkpoint(run.directory);
  }
  result.best_epoch = state.progress.best_epoch;
  result.pos_weight = state.pos_weight;
  for (const auto& parameter : result.network->parameters())
    result.parameters += static_cast<std::uint64_t>(parameter.numel());
  result.interrupted = interrupted;
  return result;
}

bool is_over(const TrainingState& state, const Callbacks& callbacks, const TrainingRun& run) {
  return is_finished(state, run) || callbacks.wants_stop();
}

// Runs epochs until the last one, a callback that ends the training, or the stop flag.
void run_epochs(Learner& learner, TrainingState& state, Callbacks& callbacks,
                const TrainingRun& run, const TrainingData& data, const SampleSource& samples,
                std::uint64_t expected_events, const TrainingHooks& hooks) {
  while (!is_over(state, callbacks, run) && !run.ranks.any(hooks.stop_requested())) {
    auto measured =
        run_epoch(learner, callbacks, run, data, state, samples, expected_events, hooks);
    if (!measured) return;
    expected_events = measured->events;
    const ProgressState before = state.progress;
    const EpochResult epoch = finish_epoch(state, run, std::move(*measured));
    CheckpointMetadata checkpoint = describe_epoch(run, state, epoch);
    callbacks.after_epoch({epoch, state.history, *learner.network,
                           *callbacks.validated_network(learner), checkpoint});
    if (writes_files(run)) save_progress(run, learner, state, callbacks, std::move(checkpoint));
    callbacks.after_save();
    if (hooks.epoch_done) hooks.epoch_done(epoch.metrics);
    if (state.progress.learning_rate != before.learning_rate)
      hooks.log.info(describe_reduction(before, state.progress, run.training, state.epoch));
  }
}

// Validates on a few events before the first epoch, so that a fault does not show only after it.
// False if the stop flag came.
bool try_validation(const Learner& learner, const TrainingState& state, Callbacks& callbacks,
                    const TrainingRun& run, const TrainingData& data, const TrainingHooks& hooks) {
  const std::uint32_t batches = run.training.sanity_val_batches;
  if (run.debug || batches == 0) return true;
  TrainingRun few = run;
  std::uint32_t& limit = few.training.limit_val_batches;
  limit = limit == 0 ? batches : std::min(limit, batches);
  const auto tried = validate(*callbacks.validated_network(learner), few, data.validation(),
                              state.pos_weight, 0, hooks);
  if (!tried) return false;
  if (std::isfinite(tried->metrics.val_loss)) return true;
  throw core::DataError("training.sanity_val_batches: before epoch " +
                        std::to_string(state.epoch + 1) + " the loss of the first " +
                        std::to_string(validation_limit(few)) +
                        " events of the validation split is not finite: it has no events, or "
                        "features that are too large; check val_path and normalization_stats");
}

// A continued run keeps the weight that its first part counted.
void train_from(Learner& learner, TrainingState& state, Callbacks& callbacks, bool resumed,
                const TrainingRun& run, const TrainingData& data, const TrainingHooks& hooks) {
  const bool automatic = pos_weight_is_automatic(run.training.loss);
  const auto [samples, counts] = read_training_split(
      run, data, automatic && !resumed ? Counting::all_events : Counting::cached_events, hooks);
  if (run.ranks.any(hooks.stop_requested())) return;
  if (!automatic || !resumed) state.pos_weight = choose_pos_weight(run, counts);
  callbacks.begin({run, *learner.network, state.history});
  if (!try_validation(learner, state, callbacks, run, data, hooks)) return;
  if (!resumed && writes_files(run)) start_run_directory(run, learner, state, callbacks);
  run_epochs(learner, state, callbacks, run, data, samples,
             std::min(counts.events_in_split, training_limit(run)), hooks);
  callbacks.end(hooks.log);
}

// Trains the first stage of a network that begins with random weights, and makes the data of the
// second stage. Nothing: the stop flag came.
std::optional<TrainingData> begin_second_stage(Learner& learner, bool resumed,
                                               const TrainingRun& run, const TrainingData& data,
                                               const TrainingHooks& hooks) {
  const bool has_weights = resumed || !run.initial_weights.empty();
  if (!has_weights && !train_first_stage(*learner.network, run, data, hooks)) return std::nullopt;
  // A copy, because streams use it while the second stage is trained.
  // On the CPU, where the threads of the loader run it.
  auto network = copy_network(*learner.network, run.normalization);
  network->to(torch::kCPU);
  return keep_survivors(data, std::move(network));
}

}  // namespace

TrainingResult train(const TrainingRun& given, const TrainingData& all_data,
                     const TrainingHooks& hooks) {
  const TrainingRun run = without_limits_beside_overfitting(given);
  check_settings(run);
  choose_algorithms(run);
  const TrainingData data = overfit_data(run, all_data);
  const OneTorchThread one_thread;
  Learner learner = make_learner(run);
  Callbacks callbacks(run, hooks);
  const std::optional<TrainingState> resumed = resume_run(run, learner, callbacks);
  TrainingState state = resumed ? *resumed : start_state(run.training);
  // From here on rank 0 may write: all have read what was there.
  require_same_start(run, *learner.network, state);
  if (!is_over(state, callbacks, run)) {
    if (resumed) go_on(state, run, hooks.log);
    const auto of_network = architecture::has_first_stage(run.model)
                                ? begin_second_stage(learner, resumed.has_value(), run, data, hooks)
                                : data;
    if (of_network)
      train_from(learner, state, callbacks, resumed.has_value(), run, *of_network, hooks);
  }
  // From here on all ranks may read what rank 0 has written.
  const bool interrupted = run.ranks.any(hooks.stop_requested());
  return make_result(run, learner, callbacks, std::move(state), interrupted);
}

}  // namespace stationhit::training
