// Shards are taken in turns of one per thread; every shard of a turn fills an accumulator of its
// own, and these are merged in the order of the shards, because the rounding of means depends on
// that order.
#include <algorithm>
#include <memory>

#include <stationhit/config/load.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/output_target.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/features/inputs.hpp>
#include <stationhit/features/statistics_accumulator.hpp>
#include <stationhit/workflow/compute_statistics.hpp>

#include "required_branches.hpp"

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;

using features::StatisticsAccumulator;

constexpr std::uint64_t debug_events = 50;

void add_event(StatisticsAccumulator& accumulator, const core::Event& event,
               const StatisticsSettings& settings, const core::EventReader& reader) {
  try {
    accumulator.add(features::build_inputs(event, settings.graph, settings.features,
                                           features::Neighbors::leave_out)
                        .features);
  } catch (const core::DataError& error) {
    throw core::DataError(reader.where() + ": " + error.what());
  }
}

std::unique_ptr<StatisticsAccumulator> read_shard_statistics(core::EventReader& reader,
                                                             const StatisticsSettings& settings,
                                                             const core::Observer& observer) {
  auto accumulator = std::make_unique<StatisticsAccumulator>(settings.features);
  core::Event event;
  for (std::uint64_t n = 0; n < settings.max_events_per_shard; ++n) {
    if (observer.stop_requested() || !reader.next(event)) break;
    add_event(*accumulator, event, settings, reader);
  }
  return accumulator;
}

StatisticsSettings make_settings(const config::RunConfig& run, const RunOptions& options) {
  StatisticsSettings settings{.features = run.features, .graph = run.graph, .threads = run.threads};
  if (options.debug) {
    settings.max_shards = 1;
    settings.max_events_per_shard = debug_events;
  }
  return settings;
}

void warn_of_constant_features(const features::NormalizationStats& statistics,
                               const core::Logger& log) {
  for (const features::FeatureStatistics& f : statistics.features)
    if (f.std <= 0)
      log.warning("the feature " + f.name + " is always " + core::to_text(f.mean) +
                  ": a network learns nothing from it");
}

void write_statistics(const fs::path& file, const features::NormalizationStats& statistics,
                      const core::Logger& log) {
  core::make_folder(core::folder_of(file));
  config::save_normalization_stats(file, statistics);
  log.info("wrote " + file.string());
}

}  // namespace

std::optional<features::NormalizationStats> compute_statistics(const data::PreparedSplit& split,
                                                               const data::ShardOpener& open,
                                                               const StatisticsSettings& settings,
                                                               const core::Observer& observer) {
  features::check_feature_names(settings.features);
  const unsigned threads = core::resolve_threads(settings.threads);
  const std::size_t n_shards = std::min(settings.max_shards, split.n_shards());
  const auto progress = observer.start_progress("shards", n_shards);
  StatisticsAccumulator all(settings.features);
  for (std::size_t first = 0; first < n_shards && !observer.stop_requested(); first += threads) {
    std::vector<std::unique_ptr<StatisticsAccumulator>> shards(
        std::min<std::size_t>(threads, n_shards - first));
    core::parallel_for(shards.size(), threads, [&](std::size_t i) {
      const auto reader = data::read_shard(split, first + i, open);
      shards[i] = read_shard_statistics(*reader, settings, observer);
    });
    for (const auto& shard : shards) all.merge(*shard);
    progress->update(first + shards.size());
  }
  if (observer.stop_requested()) return std::nullopt;
  features::NormalizationStats statistics = all.result();
  if (statistics.events > 0) return statistics;
  throw core::DataError(split.folder.string() +
                        ": the split has no events; run `stationhit prepare` on more files");
}

std::optional<StatisticsResult> compute_statistics(const config::RunConfig& run,
                                                   const data::ShardOpener& open,
                                                   const RunOptions& options,
                                                   const core::Observer& observer) {
  const fs::path folder = config::require(run.train_path, "train_path", options.config_file);
  const fs::path file =
      config::require(run.normalization_stats, "normalization_stats", options.config_file);
  if (!options.debug) {
    core::require_no_input(file, {options.config_file});
    core::require_output_file(file, core::MissingFolder::will_be_made);
    core::require_same_kind(file, core::FileKind::statistics);
  }
  features::check_feature_names(run.features);
  const data::PreparedSplit split = data::open_split(folder);
  require_branches(folder, split.manifest.provenance.missing_branches, run.features, run.graph);
  auto statistics = compute_statistics(split, open, make_settings(run, options), observer);
  if (!statistics) {
    observer.log().warning("stopped: " + file.string() + " is not written");
    return std::nullopt;
  }
  warn_of_constant_features(*statistics, observer.log());
  if (options.debug) {
    observer.log().info("debug run: " + file.string() + " is not written");
    return StatisticsResult{std::move(*statistics), {}};
  }
  write_statistics(file, *statistics, observer.log());
  return StatisticsResult{std::move(*statistics), file};
}

}  // namespace stationhit::workflow
