// Inputs are regular files. Everything that reads a file by name opens it here first, so that a
// named pipe, a device, a socket or a folder ends with one message instead of blocking for ever.
#pragma once

#include <filesystem>

namespace stationhit::core {

// Throws DataError naming the path if it does not exist, is a folder or no regular file (symbolic
// links are followed), or cannot be read. Never blocks.
void require_input_file(const std::filesystem::path& path);

// Checks as above and returns a descriptor that is open for reading and belongs to the caller. It
// refers to the file that was checked, also if another one gets the name in between.
[[nodiscard]] int open_input_file(const std::filesystem::path& path);

}  // namespace stationhit::core
