// Statistics of the features over a prepared split: what their normalization is made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <stationhit/config/run_config.hpp>
#include <stationhit/core/observer.hpp>
#include <stationhit/data/prepared_split.hpp>
#include <stationhit/features/normalization.hpp>
#include <stationhit/workflow/run_options.hpp>

namespace stationhit::workflow {

struct StatisticsSettings {
  std::vector<std::string> features;
  graph::GraphConfig graph;  // decides which nodes a hit has
  unsigned threads = 0;      // 0 = all cores
  std::size_t max_shards = std::numeric_limits<std::size_t>::max();
  std::uint64_t max_events_per_shard = std::numeric_limits<std::uint64_t>::max();
};

// Shards are read side by side and merged in the order of the manifest, so the number of threads
// changes nothing. Nothing is returned if the observer asked to stop. Throws ConfigError (feature
// names), DataError naming the folder of a split without events, a damaged shard, or an event in
// which a feature is NaN or Inf.
[[nodiscard]] std::optional<features::NormalizationStats> compute_statistics(
    const data::PreparedSplit& split, const data::ShardOpener& open,
    const StatisticsSettings& settings, const core::Observer& observer);

struct StatisticsResult {
  features::NormalizationStats statistics;
  std::filesystem::path
      file;  // where they were written; empty in a debug run, which writes nothing
};

// Computes the statistics of run.train_path and writes them to run.normalization_stats. Features
// that never change are warned of. A debug run reads a few events of the first shard. Throws as
// compute_statistics, and ConfigError for a path that is not given.
[[nodiscard]] std::optional<StatisticsResult> compute_statistics(const config::RunConfig& run,
                                                                 const data::ShardOpener& open,
                                                                 const RunOptions& options,
                                                                 const core::Observer& observer);

}  // namespace stationhit::workflow
