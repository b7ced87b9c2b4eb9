// stationhit stats: fits the normalization of the features on the training split.
#include <cstdio>

#include <stationhit/workflow/compute_statistics.hpp>
#include <stationhit/workflow/root_formats.hpp>

#include "frame/verbs.hpp"
#include "load_run.hpp"

namespace stationhit::app {
namespace {

void print(const features::NormalizationStats& stats) {
  std::printf("%-16s %14s %14s %14s %14s %14s %14s %12s\n", "feature", "mean", "std", "min", "max",
              "median", "iqr", "quartiles +-");
  for (const features::FeatureStatistics& f : stats.features)
    std::printf("%-16s %14.6g %14.6g %14.6g %14.6g %14.6g %14.6g %12.3g\n", f.name.c_str(), f.mean,
                f.std, f.min, f.max, f.median, f.iqr, f.quantile_error);
  const auto nodes = stats.features.front().count;
  std::printf("%llu nodes of %llu events\n", static_cast<unsigned long long>(nodes),
              static_cast<unsigned long long>(stats.events));
}

void run(const Program& program) {
  const CommonOptions& options = program.options;
  const auto result = workflow::compute_statistics(
      load_run(program, config::RunPurpose::statistics), workflow::open_shard,
      {options.config_file, options.debug}, program);
  if (result) print(result->statistics);
}

}  // namespace

void add_stats(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand("stats", "Fit the normalization of the features");
  add_common_options(*verb, program);
  verb->callback([&program] { run(program); });
}

}  // namespace stationhit::app
