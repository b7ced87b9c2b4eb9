#include "load_run.hpp"

#include <stationhit/config/load.hpp>
#include <stationhit/config/settings_without_effect.hpp>

namespace stationhit::app {

config::RunConfig load_run(const Program& program, const std::string& file) {
  auto run = config::load<config::RunConfig>(file, program.overrides());
  for (const std::string& text : config::find_settings_without_effect(run))
    program.log().warning(file + ": " + text);
  return run;
}

config::RunConfig load_run(const Program& program) {
  return load_run(program, program.options.config_file);
}

}  // namespace stationhit::app
