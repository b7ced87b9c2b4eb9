// What the subcommands train, test and prune print alike.
#pragma once

#include <stationhit/training/epoch_metrics.hpp>
#include <stationhit/workflow/evaluate_checkpoint.hpp>

namespace stationhit::app {

// One line.
void print_epoch(const training::EpochMetrics& row);

// The table of the results, and where the report is.
void print_test(const workflow::TestResult& result);

}  // namespace stationhit::app
