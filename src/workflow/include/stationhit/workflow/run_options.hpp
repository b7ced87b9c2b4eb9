// What the steps of a run take beside its configuration.
#pragma once

#include <filesystem>

#include <stationhit/workflow/existing_results.hpp>

namespace stationhit::workflow {

struct RunOptions {
  std::filesystem::path config_file = {};  // where the configuration is from; only for messages
  bool debug = false;                      // a quick run: few events, and nothing is written
  ExistingResults existing = ExistingResults::keep;  // of another configuration: train, prune
};

}  // namespace stationhit::workflow
