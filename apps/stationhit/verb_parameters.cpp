// stationhit parameters: the page docs/parameters.md.
#include <iostream>

#include <stationhit/config/load.hpp>

#include "frame/verbs.hpp"

namespace stationhit::app {

void add_parameters(CLI::App& app, Program& /*program*/) {
  CLI::App* verb =
      app.add_subcommand("parameters", "Print the documentation of all configuration keys");
  verb->add_flag_callback(
      "--markdown", [] {}, "As a Markdown page (the only form)");
  verb->callback([] { std::cout << config::parameters_markdown(); });
}

}  // namespace stationhit::app
