// The option --force of subcommands that make large things.
#pragma once

#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include <stationhit/workflow/existing_results.hpp>

namespace stationhit::app {

// `replaced` says what the option replaces ("the training of this run directory").
inline std::shared_ptr<workflow::ExistingResults> add_force_option(CLI::App& verb,
                                                                   const std::string& replaced) {
  auto existing = std::make_shared<workflow::ExistingResults>(workflow::ExistingResults::keep);
  verb.add_flag_callback(
      "--force", [existing] { *existing = workflow::ExistingResults::replace; },
      "Replace " + replaced);
  return existing;
}

}  // namespace stationhit::app
