// stationhit test: measures a trained network on the test split.
#include <filesystem>

#include <CLI/CLI.hpp>

#include <stationhit/workflow/evaluate_checkpoint.hpp>
#include <stationhit/workflow/trained_network.hpp>

#include "frame/verbs.hpp"
#include "load_run.hpp"
#include "print_results.hpp"

namespace stationhit::app {
namespace {

void run(const Program& program) {
  begin_run_log();
  const auto run_config = load_run(program, config::RunPurpose::test);
  const auto trained = workflow::load_trained_network(run_config);
  program.log().info("testing " + trained.checkpoint.string() + " of epoch " +
                     std::to_string(trained.loaded.metadata.epoch));
  const bool writes = !program.options.debug;
  const std::filesystem::path folder = run_config.experiment_dir;
  if (writes && std::filesystem::is_directory(folder)) open_run_log(folder, program.log());
  const auto result = workflow::evaluate_checkpoint(
      run_config, trained.loaded, {program.options.config_file, program.options.debug}, program);
  if (result) print_test(*result);
  if (result && writes) open_run_log(folder, program.log());
}

}  // namespace

void add_test(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand("test", "Measure a trained network on the test split");
  add_common_options(*verb, program);
  verb->callback([&program] { run(program); });
}

}  // namespace stationhit::app
