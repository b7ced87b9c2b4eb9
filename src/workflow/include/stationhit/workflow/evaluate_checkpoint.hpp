// A trained network on the test split: scores, numbers, tables, figures, report.
#pragma once

#include <filesystem>
#include <optional>

#include <stationhit/config/run_config.hpp>
#include <stationhit/core/observer.hpp>
#include <stationhit/evaluation/evaluation.hpp>
#include <stationhit/training/checkpoint.hpp>
#include <stationhit/workflow/run_options.hpp>

namespace stationhit::workflow {

struct TestResult {
  evaluation::EvaluationResult evaluation;
  std::filesystem::path report;  // report.html; empty in a debug run, which writes nothing
};

// Scores run.test_path and writes test/, plots/ and report.html into run.experiment_dir. A debug
// run scores a few events and writes nothing; one that the observer asks to stop writes nothing
// either and gives nothing back. Throws DataError, ConfigError.
[[nodiscard]] std::optional<TestResult> evaluate_checkpoint(const config::RunConfig& run,
                                                            const training::LoadedNetwork& loaded,
                                                            const RunOptions& options,
                                                            const core::Observer& observer);

}  // namespace stationhit::workflow
