// The test of a trained network: scores of the test split, tables, figures, report. Shared by the
// verbs train and test.
#pragma once

#include <optional>

#include <stationhit/config/run_config.hpp>
#include <stationhit/evaluation/evaluation.hpp>
#include <stationhit/training/checkpoint.hpp>

#include "frame/program.hpp"

namespace stationhit::app {

// Scores run.test_path, writes test/, plots/ and report.html into run.experiment_dir and prints the
// results. A debug run scores a few events and writes nothing; an interrupted one writes nothing
// either and gives nothing back. Throws DataError, ConfigError.
std::optional<evaluation::EvaluationResult> run_test(const Program& program,
                                                     const config::RunConfig& run,
                                                     const training::LoadedNetwork& loaded);

}  // namespace stationhit::app
