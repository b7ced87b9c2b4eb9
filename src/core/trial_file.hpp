// Finds out whether a folder takes files, by making one.
#pragma once

#include <filesystem>
#include <system_error>

namespace stationhit::core {

// No error if a file could be made in this folder; it is removed again.
[[nodiscard]] std::error_code try_file_in(const std::filesystem::path& folder);

}  // namespace stationhit::core
