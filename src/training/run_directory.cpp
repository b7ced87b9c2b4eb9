// last is written after every epoch, behind the files of the callbacks, and holds all that is
// needed to continue. It is replaced atomically, and metrics.csv after it, so a run that is killed
// at any time can go on.
#include "run_directory.hpp"

#include <string>
#include <utility>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/training/checkpoint.hpp>
#include <stationhit/training/run_files.hpp>

#include "checkpoint_io.hpp"
#include "keep_best.hpp"
#include "monitor.hpp"
#include "optimizer.hpp"

namespace stationhit::training {
namespace {

constexpr const char* start_again = "start again with --force or training.resume: false";

std::string tensor_prefix(const std::string& callback) { return "callbacks." + callback + "."; }

void save_last(const TrainingRun& run, const Learner& learner, const TrainingState& state,
               const Callbacks& callbacks, CheckpointMetadata metadata) {
  metadata.history = state.history;
  metadata.progress = state.progress;
  NamedTensors tensors = optimizer_state(*learner.optimizer, *learner.network);
  for (const auto& [name, kept] : callbacks.states()) {
    metadata.callbacks.emplace(name, kept.numbers);
    for (const auto& [key, tensor] : kept.tensors)
      tensors.emplace(tensor_prefix(name) + key, tensor);
  }
  write_checkpoint(last_checkpoint(run.directory), *learner.network, tensors, metadata);
}

CallbackStates callback_states(const TrainingCheckpoint& checkpoint) {
  CallbackStates states;
  for (const auto& [name, numbers] : checkpoint.metadata.callbacks) {
    CallbackState& state = states[name];
    state.numbers = numbers;
    const std::string prefix = tensor_prefix(name);
    for (const auto& [key, tensor] : checkpoint.callbacks)
      if (key.starts_with(prefix)) state.tensors.emplace(key.substr(prefix.size()), tensor);
  }
  return states;
}

// A checkpoint that is damaged behind its header.
TrainingCheckpoint read_last(const std::filesystem::path& last, models::Network& network) {
  try {
    return read_training_checkpoint(last, network);
  } catch (const core::DataError& error) {
    throw core::DataError(std::string(error.what()) + "; " + start_again);
  }
}

void restore_optimizer(Learner& learner, const TrainingCheckpoint& checkpoint,
                       const std::filesystem::path& last) {
  try {
    restore_optimizer_state(*learner.optimizer, *learner.network, checkpoint.optimizer);
  } catch (const core::DataError& error) {
    throw core::DataError(last.string() + ": " + error.what() +
                          "; set training.resume: false to start again");
  }
}

// Only this file has the weights of the best epoch so far: without it a training could end well and
// leave no network.
void require_best_checkpoint(const TrainingRun& run, const TrainingState& state) {
  if (state.progress.best_epoch == 0) return;
  const auto best = best_checkpoint(run.directory);
  if (!std::filesystem::exists(best))
    throw core::DataError(best.string() +
                          ": is missing, and last.safetensors beside it lacks the weights of the "
                          "best epoch (" +
                          std::to_string(state.progress.best_epoch) + "); put the file back, or " +
                          start_again);
  try {
    require_same_network(load_network(best).metadata, describe_network(run, state), best,
                         "it is not of this training");
  } catch (const core::DataError& error) {
    throw core::DataError(std::string(error.what()) + "; " + start_again);
  }
}

void apply_changed_learning_rate(TrainingState& state, const TrainingRun& run,
                                 const core::Logger& log) {
  const double now = run.training.optimizer.learning_rate;
  const double earlier = run.earlier_learning_rate.value_or(now);
  if (earlier == now) return;
  const double saved = state.progress.learning_rate;
  const SchedulerConfig& scheduler = run.training.scheduler;
  const bool has_lowest = scheduler.name == SchedulerType::reduce_lr_on_plateau;
  state.progress.learning_rate =
      continue_learning_rate(saved, earlier, now, has_lowest ? scheduler.min_learning_rate : 0);
  const std::string change = "training.optimizer.learning_rate was " + core::to_text(earlier) +
                             " and is now " + core::to_text(now) + ": ";
  const SchedulerType schedule = scheduler.name;
  // These compute the rate of every step from the setting and have reached none of their own.
  if (schedule == SchedulerType::one_cycle || schedule == SchedulerType::cosine)
    return log.info(change + "the schedule " + std::string(core::name(schedule)) +
                    " goes on with it as its largest rate");
  log.info(change + "the rate that the schedule had reached changes from " + core::to_text(saved) +
           " to " + core::to_text(state.progress.learning_rate));
}

}  // namespace

std::optional<TrainingState> resume_run(const TrainingRun& run, Learner& learner,
                                        Callbacks& callbacks) {
  const auto last = last_checkpoint(run.directory);
  const bool continues = !run.debug && run.keeps_files && run.training.resume;
  if (!continues || !std::filesystem::exists(last)) return std::nullopt;
  require_same_network(read_checkpoint_metadata(last),
                       describe_network(run, start_state(run.training)), last,
                       "give another experiment_dir, or set training.resume: false to start again");
  auto checkpoint = read_last(last, *learner.network);
  if (!checkpoint.metadata.progress) {
    throw core::DataError(last.string() +
                          ": has no training state, so the run cannot be continued from it; set "
                          "training.resume: false to start again");
  }
  restore_optimizer(learner, checkpoint, last);
  callbacks.restore(callback_states(checkpoint));
  TrainingState state = continue_state(std::move(checkpoint.metadata));
  require_best_checkpoint(run, state);
  return state;
}

void go_on(TrainingState& state, const TrainingRun& run, const core::Logger& log) {
  log.info("continuing " + last_checkpoint(run.directory).string() + " after epoch " +
           std::to_string(state.epoch));
  apply_changed_learning_rate(state, run, log);
}

void start_run_directory(const TrainingRun& run, const Learner& learner, const TrainingState& state,
                         const Callbacks& callbacks) {
  std::filesystem::create_directories(last_checkpoint(run.directory).parent_path());
  // They would belong to an earlier run in the same directory.
  std::filesystem::remove(best_checkpoint(run.directory));
  remove_epoch_checkpoints(run.directory, {});
  save_last(run, learner, state, callbacks, describe_network(run, state));
}

CheckpointMetadata describe_epoch(const TrainingRun& run, const TrainingState& state,
                                  const EpochResult& epoch) {
  CheckpointMetadata metadata = describe_network(run, state);
  metadata.metrics = epoch.metrics;
  metadata.thresholds = epoch.thresholds;
  return metadata;
}

void save_progress(const TrainingRun& run, const Learner& learner, const TrainingState& state,
                   const Callbacks& callbacks, CheckpointMetadata epoch) {
  save_last(run, learner, state, callbacks, std::move(epoch));
  core::write_text_file(run.directory / "metrics.csv", metrics_csv(state.history));
}

}  // namespace stationhit::training
