// Displays of single events.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <stationhit/core/logger.hpp>
#include <stationhit/core/unfinished_file.hpp>

namespace stationhit::workflow {

struct EventDisplayOptions {
  std::optional<std::uint64_t>
      event;                         // its number; without: the first one with a muon, or the first
  std::string tree = "MuonHitDump";  // of an ntuple: its TTree or RNTuple
  core::UnfinishedFiles unfinished = core::UnfinishedFiles::refuse;  // of an ntuple; the log warns
};

// Draws an event of a ROOT ntuple or a prepared split into `folder`. Returns the paths of the
// figures without extension; each is a .png, a .pdf and a .csv. Throws DataError naming the input:
// unreadable, no such event; UsageError in a build without ROOT.
[[nodiscard]] std::vector<std::filesystem::path> draw_event(const std::filesystem::path& input,
                                                            const std::filesystem::path& folder,
                                                            const EventDisplayOptions& options = {},
                                                            const core::Logger& log = {});

}  // namespace stationhit::workflow
