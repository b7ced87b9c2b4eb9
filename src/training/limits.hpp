// The number of epochs and events that a run uses: all of them, or a few in a debug run.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include <stationhit/training/training_run.hpp>

namespace stationhit::training {

inline constexpr std::int32_t debug_epochs = 2;
inline constexpr std::uint64_t debug_batches = 3;

[[nodiscard]] inline std::int32_t epochs_of(const TrainingRun& run) {
  return run.debug ? std::min(run.training.epochs, debug_epochs) : run.training.epochs;
}

// Events of one epoch, and of a validation, of all ranks together.
[[nodiscard]] inline std::uint64_t events_limit(const TrainingRun& run) {
  return run.debug ? debug_batches * static_cast<std::uint64_t>(run.training.batch_size) *
                         run.ranks.size()
                   : std::numeric_limits<std::uint64_t>::max();
}

}  // namespace stationhit::training
