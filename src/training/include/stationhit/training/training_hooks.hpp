// The connections of a running training to the outside: progress and interruption. Free of Torch.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <stationhit/core/logger.hpp>
#include <stationhit/training/epoch_metrics.hpp>
#include <stationhit/training/scoring.hpp>

namespace stationhit::training {

class Callback;

enum class Phase { reading, training, validation };
struct TrainingProgress {
  Phase phase = Phase::training;
  std::int32_t epoch = 0, epochs = 0;
  std::uint64_t events = 0;        // of this phase so far
  std::uint64_t total_events = 0;  // 0 = unknown
  double loss = 0;                 // running mean of the epoch
  // Of the last step; 0 where none is made.
  double step_loss = 0, learning_rate = 0;
};

struct TrainingHooks {
  std::function<void(const TrainingProgress&)> progress;  // after every batch; may be empty
  std::function<void(const EpochMetrics&)> epoch_done;    // may be empty
  // two_stage: for the epochs of the first stage; empty: they go to epoch_done too.
  std::function<void(const EpochMetrics&)> first_stage_epoch_done;
  // Callbacks of the caller, besides those of the configuration. two_stage: of the second stage.
  std::vector<std::shared_ptr<Callback>> callbacks;
  // What scores the validation split with a network, which is in evaluation mode; asked before
  // every pass, because the weights change in between. Empty, or an empty scorer: Torch, as on a
  // GPU.
  std::function<NodeScorer(models::Network& network)> make_scorer;
  const std::atomic<bool>* stop = nullptr;  // polled after every batch
  core::Logger log;

  [[nodiscard]] bool stop_requested() const { return stop != nullptr && stop->load(); }
};

}  // namespace stationhit::training
