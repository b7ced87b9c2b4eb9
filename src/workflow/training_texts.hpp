// What a training was, in the words of reports and comparisons.
#pragma once

#include <filesystem>
#include <string>

#include <stationhit/training/checkpoint_metadata.hpp>
#include <stationhit/training/training_config.hpp>

namespace stationhit::workflow {

// "one_cycle, warmup 0.1"
[[nodiscard]] std::string describe_schedule(const training::TrainingConfig& config);

// Which weights were validated, saved and tested: "moving average (ema, decay 0.999)", "as
// trained".
[[nodiscard]] std::string describe_weights(const training::TrainingConfig& config);

// "9 of 20, ended by early stopping" of a run directory; the second number alone where it has no
// checkpoints/last that can be read.
[[nodiscard]] std::string describe_epochs(const std::filesystem::path& run_directory,
                                          const training::TrainingConfig& config);

// "CPU, 2 ranks"; "-" for checkpoints of versions that did not record it.
[[nodiscard]] std::string describe_device(const training::CheckpointMetadata& metadata);

// The machine that this program runs on: "AMD EPYC 7B13, 2 cores".
[[nodiscard]] std::string describe_this_machine();

}  // namespace stationhit::workflow
