// The number of epochs, batches and events that a run uses: all of them, or fewer.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include <stationhit/training/training_run.hpp>

namespace stationhit::training {

inline constexpr std::int32_t debug_epochs = 2;
inline constexpr std::uint32_t debug_batches = 3;

[[nodiscard]] inline std::int32_t epochs_of(const TrainingRun& run) {
  return run.debug ? std::min(run.training.epochs, debug_epochs) : run.training.epochs;
}

// Events of an optimizer step that one rank takes.
[[nodiscard]] inline std::uint64_t events_per_step(const TrainingRun& run) {
  return std::uint64_t{run.training.accumulate_batches} *
         static_cast<std::uint64_t>(run.training.batch_size);
}

// Events of so many batches of all ranks together; 0 batches stand for all.
[[nodiscard]] inline std::uint64_t events_of_batches(const TrainingRun& run,
                                                     std::uint64_t batches) {
  if (batches == 0) return std::numeric_limits<std::uint64_t>::max();
  return batches * static_cast<std::uint64_t>(run.training.batch_size) * run.ranks.size();
}

// The following are of all ranks together.

// Events that are looked at before the first epoch.
[[nodiscard]] inline std::uint64_t reading_limit(const TrainingRun& run) {
  return events_of_batches(run, run.debug ? debug_batches : 0);
}

// Events of one epoch.
[[nodiscard]] inline std::uint64_t training_limit(const TrainingRun& run) {
  return std::min(reading_limit(run), events_of_batches(run, run.training.limit_train_batches));
}

// Events of one validation.
[[nodiscard]] inline std::uint64_t validation_limit(const TrainingRun& run) {
  return std::min(reading_limit(run), events_of_batches(run, run.training.limit_val_batches));
}

// overfit_batches says how many batches there are, for the training and for the validation.
[[nodiscard]] inline TrainingRun without_limits_beside_overfitting(TrainingRun run) {
  if (run.training.overfit_batches == 0) return run;
  run.training.limit_train_batches = run.training.limit_val_batches = 0;
  return run;
}

// StepSettings::joined_events
[[nodiscard]] inline std::size_t joined_events(const TrainingRun& run) {
  return run.gpu || run.joins_events ? static_cast<std::size_t>(run.training.batch_size) : 0;
}

}  // namespace stationhit::training
