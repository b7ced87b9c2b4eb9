// Overview figures of a data set.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <stationhit/core/observer.hpp>
#include <stationhit/core/unfinished_file.hpp>

namespace stationhit::workflow {

struct OverviewOptions {
  std::uint64_t max_events = 1000;   // the first ones
  std::string tree = "MuonHitDump";  // of an ntuple: its TTree or RNTuple
  core::UnfinishedFiles unfinished = core::UnfinishedFiles::refuse;  // of an ntuple; the log warns
  unsigned threads = 0;                                              // 0 = all cores
};

// Draws hits per event and per muon, muons per event, shares of the technologies, every feature of
// signal and background hits, times by technology and hits along eta and phi by station layer into
// `folder`, from a ROOT ntuple, a prepared split or a materialized one, as far as it has the
// columns. Returns the paths of the figures without extension; each is a .png, a .pdf and a .csv.
// Nothing is written if the observer asks to stop before all events are read. Throws DataError
// naming the input: unreadable, without events; UsageError in a build without ROOT.
[[nodiscard]] std::vector<std::filesystem::path> plot_overview(const std::filesystem::path& input,
                                                               const std::filesystem::path& folder,
                                                               const OverviewOptions& options,
                                                               const core::Observer& observer);

}  // namespace stationhit::workflow
