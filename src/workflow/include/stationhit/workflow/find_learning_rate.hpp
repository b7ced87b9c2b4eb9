// The learning-rate range test of a run.
#pragma once

#include <filesystem>
#include <optional>

#include <stationhit/config/run_config.hpp>
#include <stationhit/core/observer.hpp>
#include <stationhit/training/learning_rate_test.hpp>
#include <stationhit/workflow/run_options.hpp>
#include <stationhit/workflow/run_ranks.hpp>

namespace stationhit::workflow {

struct FoundLearningRate {
  training::LearningRateTest test;
  std::optional<double> suggestion;  // nothing: the loss fell nowhere
  // learning_rates.csv and the figure; empty in a debug run and where it was interrupted.
  std::filesystem::path folder;
  // two_stage whose first stage is not trained yet: that stage was tested.
  bool is_of_first_stage = false;
};

// Trains the network of the run from its beginning with rising learning rates and writes what came
// of it into the folder find_lr of the run directory. A training in the run directory stays as it
// is. Throws as training::train, ConfigError, DataError.
[[nodiscard]] FoundLearningRate find_learning_rate(const config::RunConfig& run,
                                                   const RunOptions& options,
                                                   const core::Observer& observer,
                                                   const RunRanks& ranks = {});

}  // namespace stationhit::workflow
