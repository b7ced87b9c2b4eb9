// The configuration of a verb from -c, --set and --threads.
#pragma once

#include <stationhit/config/load.hpp>

#include "frame/program.hpp"

namespace stationhit::app {

// Loads and logs it: one line, with --verbose the whole resolved configuration.
template <class C>
[[nodiscard]] C load_config(const Program& program) {
  const std::string& file = program.options.config_file;
  const C config = config::load<C>(file, program.overrides());
  program.log().info("configuration: " + (file.empty() ? "built-in defaults" : file));
  program.log().debug("resolved configuration:\n" + config::dump(config));
  return config;
}

}  // namespace stationhit::app
