// stationhit test: measures a trained network on the test split.
#include <filesystem>

#include <CLI/CLI.hpp>

#include <stationhit/config/load.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/training/checkpoint.hpp>

#include "frame/verbs.hpp"
#include "run_test.hpp"

namespace stationhit::app {
namespace {

namespace fs = std::filesystem;

fs::path checkpoint_of(const config::RunConfig& run) {
  if (!run.checkpoint_path.empty()) return run.checkpoint_path;
  const fs::path best = fs::path(run.experiment_dir) / "checkpoints" / "best.safetensors";
  if (!fs::exists(best)) {
    throw core::DataError(best.string() + ": no such checkpoint; run `stationhit train` first, or set checkpoint_path");
  }
  return best;
}

void run(const Program& program) {
  const auto run_config = config::load<config::RunConfig>(program.options.config_file, program.overrides());
  const fs::path checkpoint = checkpoint_of(run_config);
  const auto loaded = training::load_network(checkpoint);
  program.log().info("testing " + checkpoint.string() + " of epoch " + std::to_string(loaded.metadata.epoch));
  run_test(program, run_config, loaded);
}

}  // namespace

void add_test(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand("test", "Measure a trained network on the test split");
  add_common_options(*verb, program);
  verb->callback([&program] { run(program); });
}

}  // namespace stationhit::app
