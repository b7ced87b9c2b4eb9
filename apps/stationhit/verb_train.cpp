// stationhit train: trains, validates, and tests the best checkpoint.
#include <cstdio>

#include <CLI/CLI.hpp>

#include <stationhit/config/load.hpp>

#include "frame/verbs.hpp"
#include "run_test.hpp"
#include "run_training.hpp"

namespace stationhit::app {
namespace {

// What a debug run has in the place of a checkpoint.
training::LoadedNetwork in_memory(const config::RunConfig& run,
                                  const training::TrainingResult& result) {
  training::LoadedNetwork loaded{result.network, {}};
  loaded.metadata.model = run.model;
  loaded.metadata.feature_names = run.features;
  loaded.metadata.graph = run.graph;
  loaded.metadata.pos_weight = result.pos_weight;
  return loaded;
}

void run(const Program& program) {
  const auto run_config =
      config::load<config::RunConfig>(program.options.config_file, program.overrides());
  program.log().info("configuration:\n" + config::dump(run_config));
  training::keep_freed_memory();
  const Splits splits = open_splits(run_config, program.options.config_file);
  const training::TrainingResult result =
      run_training(program, run_config, training_run(run_config, program.options.debug), splits);
  if (result.interrupted) {
    program.log().warning("stopped: the same command continues after epoch " +
                          std::to_string(result.history.size()));
    return;
  }
  if (program.options.debug)
    return void(run_test(program, run_config, in_memory(run_config, result)));
  std::printf("%ju parameters, best epoch %d of %zu: %s\n",
              static_cast<std::uintmax_t>(result.parameters), result.best_epoch,
              result.history.size(), result.best_checkpoint.c_str());
  (void)run_test(program, run_config, training::load_network(result.best_checkpoint));
}

}  // namespace

void add_train(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand("train", "Train a network");
  add_common_options(*verb, program);
  verb->callback([&program] { run(program); });
}

}  // namespace stationhit::app
