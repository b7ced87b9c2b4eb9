// Schedule of the learning rate, early stopping and the choice of the best epoch: all follow one
// monitored number.
#pragma once

#include <stationhit/training/checkpoint.hpp>
#include <stationhit/training/training_config.hpp>

namespace stationhit::training {

[[nodiscard]] ProgressState start_progress(const TrainingConfig& config);

// The monitored number of an epoch, in a form in which smaller is better.
[[nodiscard]] double monitored(const TrainingConfig& config, const EpochMetrics& metrics);

// Takes in a finished epoch; true if it is the best so far. A value that is not a number is never
// the best.
bool advance(ProgressState& state, const TrainingConfig& config, const EpochMetrics& metrics);

}  // namespace stationhit::training
