// stationhit stats: fits the normalization of the features on the training split.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <vector>

#include <stationhit/config/load.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/data/prepared_split.hpp>
#include <stationhit/features/inputs.hpp>
#include <stationhit/features/statistics_accumulator.hpp>
#include <stationhit/workflow/root_formats.hpp>

#include "frame/verbs.hpp"

namespace stationhit::app {
namespace {

using config::RunConfig;
using features::StatisticsAccumulator;

constexpr std::uint64_t debug_events = 50;

// Events of one shard, at most max_events of them.
StatisticsAccumulator shard_statistics(core::EventReader& reader, const RunConfig& config,
                                       std::uint64_t max_events) {
  StatisticsAccumulator accumulator(config.features);
  core::Event event;
  for (std::uint64_t n = 0; n < max_events && !Program::signal_flag() && reader.next(event); ++n) {
    try {
      accumulator.add(features::build_inputs(event, config.graph, config.features,
                                             features::Neighbors::leave_out)
                          .features);
    } catch (const core::DataError& error) {
      throw core::DataError(reader.where() + ": " + error.what());
    }
  }
  return accumulator;
}

// Shards at the same time, results merged in the order of the shards: the number of threads changes
// nothing.
features::NormalizationStats split_statistics(const data::PreparedSplit& split,
                                              const RunConfig& config, const Program& program) {
  const unsigned threads = core::resolve_threads(config.threads);
  const std::size_t n_shards =
      program.options.debug ? std::min<std::size_t>(1, split.n_shards()) : split.n_shards();
  const std::uint64_t max_events = program.options.debug ? debug_events : split.counts().events;
  auto progress = program.start_progress("shards", n_shards);
  StatisticsAccumulator all(config.features);
  for (std::size_t first = 0; first < n_shards && !program.stop_requested(); first += threads) {
    std::vector<std::unique_ptr<StatisticsAccumulator>> parts(
        std::min<std::size_t>(threads, n_shards - first));
    core::parallel_for(parts.size(), threads, [&](std::size_t i) {
      const auto reader = data::read_shard(split, first + i, workflow::open_shard);
      parts[i] =
          std::make_unique<StatisticsAccumulator>(shard_statistics(*reader, config, max_events));
    });
    for (const auto& part : parts) all.merge(*part);
    progress->update(first + parts.size());
  }
  progress.reset();
  return all.result();
}

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

void warn_of_constant_features(const features::NormalizationStats& stats, const core::Logger& log) {
  for (const features::FeatureStatistics& f : stats.features)
    if (f.std <= 0)
      log.warning("the feature " + f.name + " is always " + core::to_text(f.mean) +
                  ": a network learns nothing from it");
}

void run(const Program& program) {
  const CommonOptions& options = program.options;
  const auto run_config = config::load<RunConfig>(options.config_file, program.overrides());
  const std::filesystem::path folder =
      config::require(run_config.train_path, "train_path", options.config_file);
  const std::filesystem::path output =
      config::require(run_config.normalization_stats, "normalization_stats", options.config_file);
  features::check_feature_names(run_config.features);

  const data::PreparedSplit split = data::open_split(folder);
  const features::NormalizationStats stats = split_statistics(split, run_config, program);
  if (program.stop_requested()) {
    program.log().warning("stopped: " + output.string() + " is not written");
    return;
  }
  if (stats.events == 0)
    throw core::DataError(folder.string() +
                          ": the split has no events; run `stationhit prepare` on more files");
  print(stats);
  warn_of_constant_features(stats, program.log());
  if (options.debug) {
    program.log().info("debug run: " + output.string() + " is not written");
    return;
  }
  const auto parent = output.parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent);
  config::save_normalization_stats(output, stats);
  program.log().info("wrote " + output.string());
}

}  // namespace

void add_stats(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand("stats", "Fit the normalization of the features");
  add_common_options(*verb, program);
  verb->callback([&program] { run(program); });
}

}  // namespace stationhit::app
