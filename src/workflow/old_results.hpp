// What a run directory holds of a training that is replaced. Only what this program makes is ever
// removed.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <stationhit/core/logger.hpp>

namespace stationhit::workflow {

// Files and folders that trackers, test, export and bench made of a training and its checkpoints,
// beside metrics.csv. Steps of prune are not among them: they name the weights that they were made
// of.
[[nodiscard]] std::vector<std::filesystem::path> find_results(
    const std::filesystem::path& run_directory);

// Removes them and says so; of folders as remove_made_files.
void remove_results(const std::vector<std::filesystem::path>& results, const core::Logger& log);

// Removes the files below the folder that runs are made of, and folders that are empty then. Other
// files and data sets stay, and a warning names them. A folder that is missing is none.
void remove_made_files(const std::filesystem::path& folder, const core::Logger& log);

// Throws DataError if the folder is a prepared or a materialized set, or a split of one: results of
// a run would mix with its files. `name`: of the setting or option that gives the folder.
void require_no_data_set(const std::filesystem::path& folder,
                         const std::string& name = "experiment_dir");

}  // namespace stationhit::workflow
