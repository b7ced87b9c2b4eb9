// One epoch: training, then validation.
#pragma once

#include <cstdint>
#include <optional>

#include <stationhit/training/training_hooks.hpp>
#include <stationhit/training/training_run.hpp>

#include "callbacks.hpp"
#include "learner.hpp"
#include "samples.hpp"
#include "training_state.hpp"

namespace stationhit::training {

// Trains the learner for the epoch after state.epoch and measures it, or the network that a
// callback has in its place, on the validation split. expected_events: see run_training_pass().
// Returns nullopt if the stop flag was set: nothing of the epoch may be kept then, so that
// continuing is exact. Throws DataError.
[[nodiscard]] std::optional<EpochMeasurement> run_epoch(
    Learner& learner, Callbacks& callbacks, const TrainingRun& run, const TrainingData& data,
    const TrainingState& state, const SampleSource& samples, std::uint64_t expected_events,
    const TrainingHooks& hooks);

}  // namespace stationhit::training
