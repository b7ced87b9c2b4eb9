#include "load_run.hpp"

#include <stationhit/config/load.hpp>
#include <stationhit/config/settings_without_effect.hpp>
#include <stationhit/core/text.hpp>

namespace stationhit::app {

config::RunConfig load_run(const Program& program, config::RunPurpose purpose,
                           const std::string& file) {
  auto run = config::load<config::RunConfig>(file, program.overrides());
  const std::string where = file + ": ";
  for (const std::string& text : config::find_settings_without_effect(run))
    program.log().warning(where + text);
  if (const auto unread = config::find_unread(purpose, program.options.set); !unread.empty())
    program.log().warning("--set " + core::join(unread, ", --set ") +
                          ": without effect, because this subcommand does not read it");
  return run;
}

config::RunConfig load_run(const Program& program, config::RunPurpose purpose) {
  return load_run(program, purpose, program.options.config_file);
}

}  // namespace stationhit::app
