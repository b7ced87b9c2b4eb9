// The training of one network. Free of Torch.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <stationhit/core/logger.hpp>
#include <stationhit/features/labelled_events.hpp>
#include <stationhit/features/normalization.hpp>
#include <stationhit/graph/graph_config.hpp>
#include <stationhit/models/model_config.hpp>
#include <stationhit/training/epoch_metrics.hpp>
#include <stationhit/training/training_config.hpp>

namespace stationhit::models {
class Network;
}

namespace stationhit::training {

struct TrainingRun {
  std::filesystem::path directory;  // gets metrics.csv and checkpoints/{best,last}.safetensors
  std::string config_yaml;          // resolved configuration, stored in the checkpoints
  std::uint64_t seed = 42;
  unsigned threads = 0;  // 0 = all cores; the result does not depend on it
  std::vector<std::string> features;
  graph::GraphConfig graph;
  models::ModelConfig model;
  std::optional<features::NormalizationConstants> normalization;  // in the order of `features`
  TrainingConfig training;
  bool debug = false;  // 2 epochs of 3 batches, nothing is written
  std::filesystem::path initial_weights =
      {};  // checkpoint of this network to start from; empty = random weights
};

// Both splits with the features and the graph of the run.
struct TrainingData {
  // Events of the training split in an order that may depend on the epoch (1, 2, ...) but on
  // nothing else; the loop shuffles them further. Epoch 0 is the pass before training that counts
  // signal nodes and fills the memory cache.
  std::function<std::unique_ptr<features::LabelledEventStream>(std::uint64_t epoch)> train;
  std::function<std::unique_ptr<features::LabelledEventStream>()> validation;
};

enum class Phase { reading, training, validation };
struct TrainingProgress {
  Phase phase = Phase::training;
  std::int32_t epoch = 0, epochs = 0;
  std::uint64_t events = 0;        // of this phase so far
  std::uint64_t total_events = 0;  // 0 = unknown
  double loss = 0;                 // running mean of the epoch
};

struct TrainingHooks {
  std::function<void(const TrainingProgress&)> progress;  // after every batch; may be empty
  std::function<void(const EpochMetrics&)> epoch_done;    // may be empty
  const std::atomic<bool>* stop = nullptr;                // polled after every batch
  core::Logger log;
};

struct TrainingResult {
  std::vector<EpochMetrics> history;
  std::shared_ptr<models::Network> network;                // with the last weights
  std::filesystem::path best_checkpoint, last_checkpoint;  // empty in a debug run
  std::int32_t best_epoch = 0;
  double pos_weight = 1;
  std::uint64_t parameters = 0;
  bool interrupted = false;  // by the stop flag
};

// Trains until the last epoch, early stopping or the stop flag. With training.resume a run
// directory that has checkpoints/last is continued after its last complete epoch, exactly as if the
// run had not been interrupted; the events of an interrupted epoch are trained again. Throws
// ConfigError (settings that are not possible), DataError (events, a checkpoint of another network,
// no signal in the training split, a loss that is not finite).
[[nodiscard]] TrainingResult train(const TrainingRun& run, const TrainingData& data,
                                   const TrainingHooks& hooks);

// Makes the C library keep freed memory for the next batch instead of giving it back to the kernel
// after every tensor (glibc; elsewhere nothing). For programs that train, once at their start.
void keep_freed_memory();

}  // namespace stationhit::training
