// The training of one network. Free of Torch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include <stationhit/core/errors.hpp>
#include <stationhit/training/epoch_metrics.hpp>
#include <stationhit/training/training_hooks.hpp>
#include <stationhit/training/training_run.hpp>

namespace stationhit::models {
class Network;
}

namespace stationhit::training {

// The loss or a gradient of a step is not finite.
class NonFiniteStep : public core::DataError {
 public:
  using core::DataError::DataError;
};

struct TrainingResult {
  std::vector<EpochMetrics> history;
  std::shared_ptr<models::Network> network;                // as it was validated last
  std::filesystem::path best_checkpoint, last_checkpoint;  // empty where none is kept
  std::int32_t best_epoch = 0;
  double pos_weight = 1;
  std::uint64_t parameters = 0;
  bool interrupted = false;  // by the stop flag
};

// Trains until the last epoch, early stopping or the stop flag. With training.resume a run
// directory that has checkpoints/last is continued after its last complete epoch, exactly as if the
// run had not been interrupted; the events of an interrupted epoch are trained again. Throws
// ConfigError (settings that are not possible), DataError (events, a checkpoint of another network,
// no signal in the training split), NonFiniteStep.
[[nodiscard]] TrainingResult train(const TrainingRun& run, const TrainingData& data,
                                   const TrainingHooks& hooks);

// Makes the C library keep freed memory for the next batch instead of giving it back to the kernel
// after every tensor (glibc; elsewhere nothing). For programs that train, once at their start.
void keep_freed_memory();

}  // namespace stationhit::training
