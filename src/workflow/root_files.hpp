// What the parts of all builds do with ROOT files. The build links root_files.cpp or, without ROOT,
// root_files_left_out.cpp.
#pragma once

#include <filesystem>
#include <memory>

#include <stationhit/core/event_list.hpp>
#include <stationhit/core/logger.hpp>
#include <stationhit/core/root_file_description.hpp>
#include <stationhit/core/unfinished_file.hpp>
#include <stationhit/metrics/scored_sample.hpp>
#include <stationhit/workflow/labeled_split.hpp>

namespace stationhit::workflow {

// A prepared split; its inputs are built while it is read. Throws DataError.
[[nodiscard]] std::unique_ptr<LabeledSplit> open_shards(const std::filesystem::path& folder,
                                                        const materialized::Settings& settings);

// The events of a prepared split; nullptr in a build without ROOT. Throws DataError.
[[nodiscard]] std::unique_ptr<core::EventList> list_shard_events(
    const std::filesystem::path& folder);

// scores.root; without ROOT only a note in the log.
void write_score_file(const std::filesystem::path& path, const metrics::ScoredSample& sample,
                      const core::Logger& log);

// Throws DataError for a damaged file, UsageError in a build without ROOT.
[[nodiscard]] core::RootFileDescription describe_root_file(const std::filesystem::path& path,
                                                           core::UnfinishedFiles unfinished);

}  // namespace stationhit::workflow
