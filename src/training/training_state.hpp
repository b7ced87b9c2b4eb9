// The state of a training between two epochs, without its tensors: a plain value. Free of Torch.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <stationhit/training/checkpoint_metadata.hpp>
#include <stationhit/training/epoch_result.hpp>
#include <stationhit/training/progress_state.hpp>
#include <stationhit/training/training_run.hpp>

namespace stationhit::training {

struct TrainingState {
  std::int32_t epoch = 0;  // completed epochs
  double pos_weight = 1;   // weight of signal nodes in the loss
  ProgressState progress;
  std::vector<EpochMetrics> history;  // of the completed epochs
};

[[nodiscard]] TrainingState start_state(const TrainingConfig& config);

// The state in which the run that wrote the checkpoint was after its last complete epoch. The
// metadata must have progress.
[[nodiscard]] TrainingState continue_state(CheckpointMetadata saved);

// True after the last epoch.
[[nodiscard]] bool is_finished(const TrainingState& state, const TrainingRun& run);

// An epoch that is trained and validated, before anything is decided on it.
struct EpochMeasurement {
  EpochMetrics metrics;
  std::map<std::string, float> thresholds;  // by working point
  std::uint64_t events = 0;                 // of the training split
  std::uint64_t validation_events = 0;
};

// Takes the epoch into the state and decides on it. Throws DataError if the monitored quantity is
// not a number, except in a debug run.
[[nodiscard]] EpochResult finish_epoch(TrainingState& state, const TrainingRun& run,
                                       EpochMeasurement measured);

// The metadata of a checkpoint in this state, without those that only checkpoints/last has
// (history, progress, callbacks) and without those of an epoch (metrics, thresholds).
[[nodiscard]] CheckpointMetadata describe_network(const TrainingRun& run,
                                                  const TrainingState& state);

}  // namespace stationhit::training
