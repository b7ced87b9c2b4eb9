// A training as the program shows it. Shared by the verbs train and prune.
#pragma once

#include <filesystem>

#include <stationhit/config/run_config.hpp>
#include <stationhit/training/trainer.hpp>

#include "frame/program.hpp"
#include "labelled_split.hpp"

namespace stationhit::app {

// Opened before the training, so that a wrong path does not end a run after hours.
struct Splits {
  std::unique_ptr<LabelledSplit> train, validation, test;
};
[[nodiscard]] Splits open_splits(const config::RunConfig& run, const std::string& config_file);

// The splits as the trainer reads them; they must outlive the result.
[[nodiscard]] training::TrainingData training_data(const Splits& splits, std::uint64_t seed);

// What the trainer takes from a run configuration.
[[nodiscard]] training::TrainingRun training_run(const config::RunConfig& run, bool debug);

// Trains with progress bars and a line per epoch; Ctrl-C stops. Writes config.yaml into the run
// directory unless it is a debug run.
[[nodiscard]] training::TrainingResult run_training(const Program& program,
                                                    const config::RunConfig& run,
                                                    const training::TrainingRun& settings,
                                                    const Splits& splits);

}  // namespace stationhit::app
