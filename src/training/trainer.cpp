// The loop: make or continue the learner, look at the split once, then epoch after epoch: train and
// validate (epoch.hpp), decide (training_state.hpp), save (run_directory.hpp), tell the observers.
// All that an epoch changes is in the learner and in the state, and both are in checkpoints/last.
// Every rank runs the same loop and decides the same; only what is written is left to rank 0.
#include <algorithm>
#include <utility>

#include <stationhit/core/errors.hpp>
#include <stationhit/features/features.hpp>
#include <stationhit/training/run_files.hpp>
#include <stationhit/training/trainer.hpp>

#include "common_start.hpp"
#include "epoch.hpp"
#include "first_stage.hpp"
#include "learner.hpp"
#include "limits.hpp"
#include "pos_weight.hpp"
#include "run_directory.hpp"
#include "samples.hpp"
#include "survivors.hpp"
#include "torch_threads.hpp"
#include "training_state.hpp"

namespace stationhit::training {
namespace {

void check_settings(const TrainingRun& run) {
  check(run.training);
  graph::check(run.graph);
  features::check_feature_names(run.features);
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

TrainingResult make_result(const TrainingRun& run, Learner learner, TrainingState state,
                           bool interrupted) {
  TrainingResult result;
  result.history = std::move(state.history);
  result.network = std::move(learner.network);
  result.network->eval();
  if (!run.debug) {
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

bool writes_files(const TrainingRun& run) { return !run.debug && run.ranks.is_first(); }

// Runs epochs until the last one, early stopping or the stop flag.
void run_epochs(Learner& learner, TrainingState& state, const TrainingRun& run,
                const TrainingData& data, const SampleSource& samples,
                std::uint64_t expected_events, const TrainingHooks& hooks) {
  while (!is_finished(state, run) && !run.ranks.any(hooks.stop_requested())) {
    auto measured = run_epoch(learner, run, data, state, samples, expected_events, hooks);
    if (!measured) return;
    expected_events = measured->events;
    const EpochResult epoch = finish_epoch(state, run, std::move(*measured));
    if (writes_files(run)) save_progress(run, learner, state, epoch);
    if (hooks.epoch_done) hooks.epoch_done(epoch.metrics);
  }
}

// A continued run keeps the weight that its first part counted.
void train_from(Learner& learner, TrainingState& state, bool resumed, const TrainingRun& run,
                const TrainingData& data, const TrainingHooks& hooks) {
  const bool automatic = pos_weight_is_automatic(run.training.loss);
  const auto [samples, counts] = read_training_split(
      run, data, automatic && !resumed ? Counting::all_events : Counting::cached_events, hooks);
  if (run.ranks.any(hooks.stop_requested())) return;
  if (!automatic || !resumed) state.pos_weight = choose_pos_weight(run, counts);
  if (!resumed && writes_files(run)) start_run_directory(run, learner, state);
  run_epochs(learner, state, run, data, samples,
             std::min(counts.events_in_split, events_limit(run)), hooks);
}

// Trains the first stage of a network that begins with random weights, and makes the data of the
// second stage. Nothing: the stop flag came.
std::optional<TrainingData> begin_second_stage(Learner& learner, bool resumed,
                                               const TrainingRun& run, const TrainingData& data,
                                               const TrainingHooks& hooks) {
  const bool has_weights = resumed || !run.initial_weights.empty();
  if (!has_weights && !train_first_stage(*learner.network, run, data, hooks)) return std::nullopt;
  // A copy, because streams use it while the second stage is trained.
  return keep_survivors(data, copy_network(*learner.network, run.normalization));
}

}  // namespace

TrainingResult train(const TrainingRun& run, const TrainingData& data, const TrainingHooks& hooks) {
  check_settings(run);
  const OneTorchThread one_thread;
  Learner learner = make_learner(run);
  const std::optional<TrainingState> resumed = resume_run(run, learner, hooks.log);
  TrainingState state = resumed ? *resumed : start_state(run.training);
  // From here on rank 0 may write: all have read what was there.
  require_same_start(run, *learner.network, state);
  if (!is_finished(state, run)) {
    const auto of_network = architecture::has_first_stage(run.model)
                                ? begin_second_stage(learner, resumed.has_value(), run, data, hooks)
                                : data;
    if (of_network) train_from(learner, state, resumed.has_value(), run, *of_network, hooks);
  }
  // From here on all ranks may read what rank 0 has written.
  const bool interrupted = run.ranks.any(hooks.stop_requested());
  return make_result(run, std::move(learner), std::move(state), interrupted);
}

}  // namespace stationhit::training
