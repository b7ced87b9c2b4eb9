// Whether a ROOT file ends where its header says.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <TFile.h>
#include <TTree.h>

#include <stationhit/core/unfinished_file.hpp>

namespace stationhit::root_io {

// A writer that saves the tree now and then and dies in between leaves a valid file with more data
// behind its end: events that no reader finds.
[[nodiscard]] bool is_unfinished(TFile& file);

// The same, or ROOT had to recover what the file shows.
[[nodiscard]] bool lacks_events(TFile& file);

// What the file shows of this tree; no value if it was closed.
[[nodiscard]] std::optional<core::UnfinishedFile> find_loss(TFile& file, TTree& tree);

// "its tree MuonHitDump shows 30 events, later ones are lost (...)", with the next step; empty if
// the file shows no tree that can be read.
[[nodiscard]] std::string describe_rest(TFile& file, const std::filesystem::path& path);

}  // namespace stationhit::root_io
