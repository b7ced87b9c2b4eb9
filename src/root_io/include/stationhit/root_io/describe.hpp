// Describes the content of a ROOT file.
#pragma once

#include <filesystem>

#include <stationhit/core/root_file_description.hpp>

namespace stationhit::root_io {

// Throws DataError naming the path: missing, not a ROOT file, truncated.
[[nodiscard]] core::RootFileDescription describe(const std::filesystem::path& path);

}  // namespace stationhit::root_io
