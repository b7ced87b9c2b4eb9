// stationhit prepare --materialize RUN.yaml -o FOLDER.
#pragma once

#include <filesystem>
#include <string>

#include <stationhit/materialized/materialize.hpp>

#include "frame/program.hpp"

namespace stationhit::app {

// Materializes train_path, val_path and test_path of the run file into the folders train, val and
// test of `output`, and copies its normalization_stats there. A debug run says what there is to do.
// Throws as the configuration and workflow::materialize_run do.
void materialize_splits(const Program& program, const std::string& run_file,
                        const std::filesystem::path& output, const materialized::Jobs& jobs);

}  // namespace stationhit::app
