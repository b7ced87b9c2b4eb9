// What a run directory holds of a training that is replaced.
#pragma once

#include <filesystem>
#include <vector>

#include <stationhit/core/logger.hpp>

namespace stationhit::workflow {

// Files and folders that trackers, test, export and bench made of a training and its checkpoints,
// beside metrics.csv. Steps of prune are not among them: they name the weights that they were made
// of.
[[nodiscard]] std::vector<std::filesystem::path> find_results(
    const std::filesystem::path& run_directory);

// Removes them and says so.
void remove_results(const std::vector<std::filesystem::path>& results, const core::Logger& log);

}  // namespace stationhit::workflow
