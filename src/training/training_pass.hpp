// One pass over the training split: the training part of an epoch.
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

struct TrainingPass {
  double loss = 0;           // mean over the nodes, while the weights moved
  double learning_rate = 0;  // of the first step
  double loader_wait = 0;    // s spent waiting for events
  double events_per_second = 0;
  std::uint64_t events = 0;  // of all ranks
};

// Trains the epoch after state.epoch. expected_events: number of events of the split, 0 if unknown;
// the schedules that follow the course of the training use it. Returns nullopt if the stop flag was
// set in any rank: the learner is then between two epochs and must not be used. Throws DataError
// for events that cannot be read, and NonFiniteStep.
[[nodiscard]] std::optional<TrainingPass> run_training_pass(
    Learner& learner, Callbacks& callbacks, const TrainingRun& run, const TrainingState& state,
    const SampleSource& samples, std::uint64_t expected_events, const TrainingHooks& hooks);

}  // namespace stationhit::training
