// Describes the content of a ROOT file.
#pragma once

#include <filesystem>

#include <stationhit/core/root_file_description.hpp>
#include <stationhit/core/unfinished_file.hpp>

namespace stationhit::root_io {

// Throws DataError naming the path: missing, not a ROOT file, truncated or not closed (unless
// `unfinished` is read and it shows something).
[[nodiscard]] core::RootFileDescription describe(
    const std::filesystem::path& path,
    core::UnfinishedFiles unfinished = core::UnfinishedFiles::refuse);

}  // namespace stationhit::root_io
