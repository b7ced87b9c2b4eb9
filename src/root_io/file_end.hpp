// Whether a ROOT file ends where its header says.
#pragma once

#include <filesystem>

#include <TFile.h>

namespace stationhit::root_io {

// A writer that saves the tree now and then and dies in between leaves a valid file with more data
// behind its end: events that no reader finds.
[[nodiscard]] bool is_unfinished(TFile& file);

// Throws DataError that says how many events the file still shows.
[[noreturn]] void throw_unfinished(TFile& file, const std::filesystem::path& path);

}  // namespace stationhit::root_io
