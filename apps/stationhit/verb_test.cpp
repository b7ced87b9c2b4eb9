// stationhit test: measures a trained network on the test split.
#include <CLI/CLI.hpp>

#include <stationhit/config/load.hpp>

#include "frame/verbs.hpp"
#include "run_test.hpp"
#include "trained_network.hpp"

namespace stationhit::app {
namespace {

void run(const Program& program) {
  const auto run_config =
      config::load<config::RunConfig>(program.options.config_file, program.overrides());
  const TrainedNetwork trained = load_trained_network(run_config);
  program.log().info("testing " + trained.checkpoint.string() + " of epoch " +
                     std::to_string(trained.loaded.metadata.epoch));
  (void)run_test(program, run_config, trained.loaded);
}

}  // namespace

void add_test(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand("test", "Measure a trained network on the test split");
  add_common_options(*verb, program);
  verb->callback([&program] { run(program); });
}

}  // namespace stationhit::app
