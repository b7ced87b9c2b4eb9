// The files of a run that every training has: checkpoints/last (to continue from) and metrics.csv.
#pragma once

#include <filesystem>
#include <optional>

#include <stationhit/core/logger.hpp>
#include <stationhit/training/epoch_result.hpp>
#include <stationhit/training/training_run.hpp>

#include "callbacks.hpp"
#include "learner.hpp"
#include "training_state.hpp"

namespace stationhit::training {

// Continues from checkpoints/last: puts weights, optimizer state and the states of the callbacks
// where they belong and returns the state after the last complete epoch. Returns nullopt and leaves
// all untouched if there is no such file, with training.resume: false, and in a debug run. Throws
// DataError for a checkpoint of another network, for one without training state, and where
// checkpoints/best of its best epoch is missing, damaged or of another network.
[[nodiscard]] std::optional<TrainingState> resume_run(const TrainingRun& run, Learner& learner,
                                                      Callbacks& callbacks);

// Before the next epoch of such a state: says that the training goes on, and gives the state the
// learning rate of the run where it was changed.
void go_on(TrainingState& state, const TrainingRun& run, const core::Logger& log);

// Starts the directory before the first epoch, so that an interrupted run can be continued.
void start_run_directory(const TrainingRun& run, const Learner& learner, const TrainingState& state,
                         const Callbacks& callbacks);

// What a checkpoint says of the network after this epoch, which is taken into the state.
[[nodiscard]] CheckpointMetadata describe_epoch(const TrainingRun& run, const TrainingState& state,
                                                const EpochResult& epoch);

// Saves an epoch that is taken into the state: checkpoints/last and metrics.csv. epoch: of
// describe_epoch().
void save_progress(const TrainingRun& run, const Learner& learner, const TrainingState& state,
                   const Callbacks& callbacks, CheckpointMetadata epoch);

}  // namespace stationhit::training
