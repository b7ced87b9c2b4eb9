// All verbs of the program. A verb is one file verb_<name>.cpp that defines
//   void stationhit::app::add_<name>(CLI::App& app, Program& program);
// (adds a subcommand whose callback does the work) and one stationhit_verb line in CMakeLists.txt.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "frame/program.hpp"

namespace stationhit::app {

// Adds every verb of this build.
void add_verbs(CLI::App& app, Program& program);

// Adds a verb that this build lacks: using it throws UsageError naming the CMake options that bring
// it. options: "TORCH ROOT".
void add_missing_verb(CLI::App& app, const std::string& name, const std::string& help,
                      const std::string& options);

}  // namespace stationhit::app
