// The run configuration of verbs that take one.
#pragma once

#include <string>

#include <stationhit/config/unread_settings.hpp>

#include "frame/program.hpp"

namespace stationhit::app {

// The configuration of `file` with --set and --threads. Warns of settings that have no effect, and
// of arguments --set that are not read for this purpose.
[[nodiscard]] config::RunConfig load_run(const Program& program, config::RunPurpose purpose,
                                         const std::string& file);

// The one that -c names.
[[nodiscard]] config::RunConfig load_run(const Program& program, config::RunPurpose purpose);

}  // namespace stationhit::app
