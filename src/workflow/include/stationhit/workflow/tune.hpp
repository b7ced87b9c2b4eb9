// The hyper-parameter search of verb tune. Optuna does it, in a Python program that comes with this
// one: here its plan is made, and this process becomes that program. Only in builds with Torch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <stationhit/config/tune_space.hpp>

namespace stationhit::workflow {

enum class Retrain { no, yes };

struct TuneOptions {
  std::filesystem::path config_file;   // of the run that is varied
  std::vector<std::string> overrides;  // "key.path=value" on top of it
  std::string study;                   // its name in the storage
  std::filesystem::path folder;        // run directories of the trials, results
  std::string storage;                 // URL; empty: study.db in the folder
  std::uint32_t trials = 0;            // of the study in total
  std::uint32_t workers = 1;           // processes of this call
  Retrain retrain = Retrain::no;       // whether best.yaml is trained and tested at the end
};

// The plan as JSON, which the Python package stationhit_tune reads (plan.py). Opens the splits of
// the run, so that a wrong path ends no trial. Throws as open_splits, and
// ConfigError where ms_per_event has no events.
[[nodiscard]] std::string make_tune_plan(const TuneOptions& options, const config::RunConfig& run,
                                         const config::TuneSpace& space);

// Replaces this process by `python` with the package stationhit_tune, which is in
// ../share/stationhit beside the folder of this program. The plan is its standard input, because
// it may contain a password. The environment is the one that this program was started with. Throws
// DataError if the package is not there, UsageError if `python` cannot be started.
[[noreturn]] void become_tune_driver(const std::filesystem::path& python, const std::string& plan);

}  // namespace stationhit::workflow
