// Trains the first stage of a network of two stages.
#pragma once

#include <stationhit/models/network.hpp>
#include <stationhit/training/training_hooks.hpp>
#include <stationhit/training/training_run.hpp>

namespace stationhit::training {

// Trains the first stage as a run of its own in the folder first_stage of the run directory (a run
// that was interrupted there goes on), puts its weights into `network` and sets its threshold so
// that the share model.first_stage.signal_kept of the signal hits of the validation split passes.
// False: the stop flag came. Throws like train(), and DataError for a validation split without
// signal hits.
[[nodiscard]] bool train_first_stage(models::Network& network, const TrainingRun& run,
                                     const TrainingData& data, const TrainingHooks& hooks);

}  // namespace stationhit::training
