// The prepared splits of a run as materialized ones: network inputs that also builds without ROOT
// train on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <stationhit/config/run_config.hpp>
#include <stationhit/core/observer.hpp>
#include <stationhit/data/prepared_split.hpp>
#include <stationhit/materialized/manifest.hpp>
#include <stationhit/materialized/materialize.hpp>

namespace stationhit::workflow {

struct SourceSplit {
  std::string folder_name;  // "train", "val" or "test": of the folder to write
  data::PreparedSplit split;
};

struct MaterializationSources {
  std::vector<SourceSplit> splits;
  std::string normalization;  // the text of the run's normalization_stats; empty where it has none
};

// Everything is opened before the work begins, so that a wrong path does not end it after hours.
// The statistics are checked too, because the folder may go to a machine that cannot fit them.
// config_file stands in messages. Throws ConfigError if the run names no split, or statistics that
// lack one of its features, and as data::open_split.
[[nodiscard]] MaterializationSources open_materialization_sources(
    const config::RunConfig& run, const std::filesystem::path& config_file);

struct MaterializedFolder {
  std::filesystem::path folder;
  materialized::Counts counts;
  std::uintmax_t bytes = 0;  // of its parts
};

struct MaterializationResult {
  std::vector<MaterializedFolder> folders;  // the finished ones
  std::filesystem::path normalization;  // the copy of the statistics; empty where there are none
  bool stopped = false;  // by the observer; the same call continues after the finished parts
};

// Materializes every split into the folder of its name in `output`, and copies the statistics to
// output/normalization.yaml at the end (not with a piece: of every split its part of the shards is
// made). Throws as materialized::materialize.
[[nodiscard]] MaterializationResult materialize_run(const config::RunConfig& run,
                                                    const MaterializationSources& sources,
                                                    const data::ShardOpener& open,
                                                    const std::filesystem::path& output,
                                                    const core::Observer& observer,
                                                    const materialized::Jobs& jobs = {});

}  // namespace stationhit::workflow
