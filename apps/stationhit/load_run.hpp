// The run configuration of verbs that take one.
#pragma once

#include <string>

#include <stationhit/config/run_config.hpp>

#include "frame/program.hpp"

namespace stationhit::app {

// The configuration of `file` with --set and --threads. Warns of settings that have no effect.
[[nodiscard]] config::RunConfig load_run(const Program& program, const std::string& file);

// The one that -c names.
[[nodiscard]] config::RunConfig load_run(const Program& program);

}  // namespace stationhit::app
