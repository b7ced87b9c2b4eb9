// The file formats of a preparation: ROOT ntuples in, RNTuple shards out. Only in builds with ROOT.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <stationhit/core/event_stream.hpp>
#include <stationhit/core/logger.hpp>
#include <stationhit/data/prepare.hpp>
#include <stationhit/root_io/muon_hit_dump.hpp>

namespace stationhit::workflow {

// Entries of a file with NaN and Inf: prepare counts such events or stops. Throws as
// MuonHitDumpReader does.
[[nodiscard]] std::unique_ptr<root_io::MuonHitDumpReader> open_ntuple(
    const std::filesystem::path& file, const std::string& tree, root_io::EventRange range,
    core::UnfinishedFiles unfinished = core::UnfinishedFiles::refuse);

// Whether muons and links are read where a file has them.
enum class TruthReading { if_there, leave_out };

// The same for scores: every entry as it is, and a file without truth will do. Left out, truth that
// this program cannot hold does not matter.
[[nodiscard]] std::unique_ptr<root_io::MuonHitDumpReader> open_ntuple_to_score(
    const std::filesystem::path& file, const std::string& tree = root_io::default_tree,
    TruthReading truth = TruthReading::if_there,
    core::UnfinishedFiles unfinished = core::UnfinishedFiles::refuse);

// One warning for each file of the reader that was not closed.
void warn_of_unfinished(const root_io::MuonHitDumpReader& reader, const core::Logger& log);

// Throws DataError naming the shard.
[[nodiscard]] std::unique_ptr<core::EventReader> open_shard(const std::filesystem::path& shard);

// `tree` is the name of the input tree.
[[nodiscard]] data::PrepareFormats root_formats(
    const std::string& tree, core::UnfinishedFiles unfinished = core::UnfinishedFiles::refuse);

}  // namespace stationhit::workflow
