// The files of a run: checkpoints/last (to continue from), checkpoints/best and metrics.csv.
#pragma once

#include <filesystem>
#include <optional>

#include <stationhit/core/logger.hpp>
#include <stationhit/training/epoch_result.hpp>
#include <stationhit/training/training_run.hpp>

#include "learner.hpp"
#include "training_state.hpp"

namespace stationhit::training {

// Continues from checkpoints/last: puts weights and optimizer state into the learner and returns
// the state after the last complete epoch. Returns nullopt and leaves the learner untouched if
// there is no such file, with training.resume: false, and in a debug run. Throws DataError for a
// checkpoint of another network and for one without training state.
[[nodiscard]] std::optional<TrainingState> resume_run(const TrainingRun& run, Learner& learner,
                                                      const core::Logger& log);

// Starts the directory before the first epoch, so that an interrupted run can be continued.
void start_run_directory(const TrainingRun& run, const Learner& learner,
                         const TrainingState& state);

// Saves an epoch that is taken into the state: checkpoints and metrics.csv.
void save_progress(const TrainingRun& run, const Learner& learner, const TrainingState& state,
                   const EpochResult& epoch);

}  // namespace stationhit::training
