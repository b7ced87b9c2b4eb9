// stationhit parameters: the page docs/parameters.md, or the complete configuration of a run.
#include <iostream>

#include <stationhit/config/load.hpp>
#include <stationhit/core/errors.hpp>

#include "frame/verbs.hpp"
#include "load_run.hpp"

namespace stationhit::app {
namespace {

void print(const Program& program) {
  if (program.options.config_file.empty() && !program.overrides().empty())
    throw core::UsageError(
        "parameters: --set and --threads change the configuration of a run; name it with -c");
  std::cout << (program.options.config_file.empty()
                    ? config::parameters_markdown()
                    : config::dump(load_run(program, config::RunPurpose::documentation)));
}

}  // namespace

void add_parameters(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand(
      "parameters",
      "Print the documentation of all configuration keys, or with -c all settings of a run");
  verb->add_flag_callback(
      "--markdown", [] {}, "As a Markdown page (the only form)");
  add_common_options(*verb, program, false);
  verb->callback([&program] { print(program); });
}

}  // namespace stationhit::app
