// Inputs are regular files. Everything that reads a file by name opens it here first, so that a
// named pipe, a device, a socket or a folder ends with one message instead of blocking for ever.
#pragma once

#include <filesystem>
#include <string>

namespace stationhit::core {

// Whether a name speaks of another machine by a protocol: root://host//folder/file. A file here
// that has the name comes first: colons and slashes are allowed in names.
[[nodiscard]] bool is_remote(const std::filesystem::path& path);

// "root" of root://host//file. Empty for what is_remote() is false for.
[[nodiscard]] std::string protocol_of(const std::filesystem::path& path);

// The name without folders; for a remote one also without what follows a '?': it says how to reach
// the file, and can be a secret.
[[nodiscard]] std::string file_name(const std::filesystem::path& path);

// Throws DataError naming the path if it does not exist, is a folder or no regular file (symbolic
// links are followed), or cannot be read. Never blocks.
void require_input_file(const std::filesystem::path& path);

// Checks as above and returns a descriptor that is open for reading and belongs to the caller. It
// refers to the file that was checked, also if another one gets the name in between.
[[nodiscard]] int open_input_file(const std::filesystem::path& path);

}  // namespace stationhit::core
