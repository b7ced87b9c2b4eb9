// The training of a run: splits, trainer, run directory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include <stationhit/config/run_config.hpp>
#include <stationhit/core/observer.hpp>
#include <stationhit/training/checkpoint.hpp>
#include <stationhit/training/trainer.hpp>
#include <stationhit/workflow/labeled_split.hpp>
#include <stationhit/workflow/run_options.hpp>
#include <stationhit/workflow/run_ranks.hpp>

namespace stationhit::workflow {

struct Splits {
  std::unique_ptr<LabeledSplit> train, validation, test;
};
// All three are opened before a training, so that a wrong path does not end a run after hours.
// config_file stands in messages. Throws as open_labeled_split, and ConfigError for a path that is
// not given.
[[nodiscard]] Splits open_splits(const config::RunConfig& run,
                                 const std::filesystem::path& config_file);

// The splits as the trainer reads them; they must outlive the result.
[[nodiscard]] training::TrainingData make_training_data(const Splits& splits, std::uint64_t seed);

// What the trainer takes from a run configuration and its ranks, GPU included. Reads the
// normalization_stats.
[[nodiscard]] training::TrainingRun make_training_run(const config::RunConfig& run,
                                                      const RunRanks& ranks = {});

// Called after every epoch with its row; may be empty.
using EpochDone = std::function<void(const training::EpochMetrics&)>;

// Where the rows of a training go.
struct EpochHooks {
  // Called once, when config.yaml is written and the results of a training that is replaced are
  // removed: from now on the run directory is that of this training. Not in a debug run, nor where
  // nothing is left to train.
  std::function<void()> begun = {};
  EpochDone epoch_done = {};
  // two_stage: for the epochs of the first stage; empty: they go to epoch_done too.
  EpochDone first_stage_epoch_done = {};
  // After every batch; may be empty.
  std::function<void(const training::TrainingProgress&)> progress = {};
};

// Trains by `settings`, which make_training_run made of `run`. Writes config.yaml into the run
// directory unless it is a debug run. Throws ConfigError where the run directory holds checkpoints
// that were trained otherwise (resume_rules.hpp), unless they are to be replaced, and as
// training::train. Warns of changed settings of a training that was finished before.
[[nodiscard]] training::TrainingResult train_network(
    const config::RunConfig& run, const training::TrainingRun& settings, const Splits& splits,
    const core::Observer& observer, const EpochHooks& epoch_hooks = {},
    ExistingResults existing = ExistingResults::keep);

struct TrainResult {
  training::TrainingResult training;
  // The best checkpoint; in a debug run, which has none, the network with its last weights. Nothing
  // if the observer asked to stop: the next call continues.
  std::optional<training::LoadedNetwork> network;
};

// The subcommand `train` up to the evaluation of the best checkpoint, in each of its ranks.
[[nodiscard]] TrainResult train(const config::RunConfig& run, const RunOptions& options,
                                const core::Observer& observer, const EpochHooks& epoch_hooks = {},
                                const RunRanks& ranks = {});

}  // namespace stationhit::workflow
