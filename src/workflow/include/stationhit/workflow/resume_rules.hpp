// When a run directory may be continued.
#pragma once

#include <filesystem>
#include <optional>

#include <stationhit/config/run_config.hpp>

namespace stationhit::workflow {

// What decides how the epochs are trained must not change between the parts of a run; the trainer
// itself compares network, data and optimizer. `last` is the checkpoint that would be continued:
// nothing is checked without training.resume or where there is no such file. Throws DataError
// naming the file, the key and both values.
void require_same_training(const config::RunConfig& run, const std::filesystem::path& last);

// The setting training.optimizer.learning_rate of the part of the run that is continued; nothing
// where none is. It may change, and the trainer needs both values.
[[nodiscard]] std::optional<double> find_earlier_learning_rate(const config::RunConfig& run,
                                                               const std::filesystem::path& last);

}  // namespace stationhit::workflow
