// What the subcommands train, test and prune print alike, and the log file of a run.
#pragma once

#include <filesystem>
#include <string>

#include <stationhit/core/logger.hpp>
#include <stationhit/training/epoch_metrics.hpp>
#include <stationhit/workflow/evaluate_checkpoint.hpp>

namespace stationhit::app {

// From now on what the program says and prints here is kept for the log file of the run.
void begin_run_log();
// Appends it to <run directory>/run.log, and from now on at once. Warns if the file cannot be
// written, which ends no run.
void open_run_log(const std::filesystem::path& run_directory, const core::Logger& log);

// Prints whole lines.
void print_lines(const std::string& text);

void print_epoch(const training::EpochMetrics& row);

// The table of the results, and where the report is.
void print_test(const workflow::TestResult& result);

}  // namespace stationhit::app
