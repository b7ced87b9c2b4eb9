// stationhit prune: smaller and smaller networks out of a trained one, each
// trained on, tested and exported; the curve of what that costs.
#include <cstdio>

#include <CLI/CLI.hpp>

#include <stationhit/workflow/prune_checkpoint.hpp>

#include "force_option.hpp"
#include "frame/verbs.hpp"
#include "load_run.hpp"
#include "print_results.hpp"

namespace stationhit::app {
namespace {

void print_network(const std::string& name, const workflow::PrunedNetwork& network) {
  std::printf("%s: %ju parameters, %s\n", name.c_str(),
              static_cast<std::uintmax_t>(network.parameters), network.sizes.c_str());
}

void print_preview(const std::vector<workflow::PrunedNetwork>& steps) {
  for (std::size_t i = 0; i < steps.size(); ++i)
    print_network("step " + std::to_string(i + 1), steps[i]);
}

void print_curve(const workflow::PruneResult& result) {
  const std::string purity_title =
      "purity at " + workflow::describe_working_point(result.points.front().working_point);
  std::printf("\n%-10s %12s %10s %28s  %s\n", "network", "parameters", "ms/event",
              purity_title.c_str(), "");
  for (const workflow::PrunePoint& point : result.points) {
    const auto& [purity, interval] = point.purity;
    std::printf("%-10s %12ju %10.2f %12.4f [%.4f, %.4f]  %s\n",
                point.network.folder.filename().c_str(),
                static_cast<std::uintmax_t>(point.network.parameters), point.milliseconds, purity,
                interval.low, interval.high, point.network.sizes.c_str());
  }
  std::printf("wrote %s and two figures beside it\n", result.table.c_str());
}

workflow::PruneHooks printing_hooks() {
  workflow::PruneHooks hooks;
  hooks.pruned = [](const auto& network) { print_network(network.folder, network); };
  hooks.epoch_done = print_epoch;
  hooks.tested = print_test;
  return hooks;
}

void run(const Program& program, workflow::ExistingResults existing) {
  const auto run_config = load_run(program, config::RunPurpose::pruning);
  training::keep_freed_memory();
  const workflow::RunOptions options{program.options.config_file, program.options.debug, existing};
  if (options.debug) return print_preview(workflow::preview_pruning(run_config, options, program));
  const auto result = workflow::prune_checkpoint(run_config, options, program, printing_hooks());
  if (!result.stopped) print_curve(result);
}

}  // namespace

void add_prune(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand(
      "prune", "Make smaller networks out of a trained one and draw what that costs");
  add_common_options(*verb, program);
  const auto existing =
      add_force_option(*verb, "the steps that experiment_dir/prune holds, and begin again");
  verb->callback([&program, existing] { run(program, *existing); });
}

}  // namespace stationhit::app
