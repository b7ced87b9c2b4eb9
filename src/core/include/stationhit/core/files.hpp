// Writes files that appear either complete or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace stationhit::core {

// The temporary name under which a file is written: "<path>.partial". It is in the same folder, so
// that the rename is atomic.
[[nodiscard]] std::filesystem::path partial_path(const std::filesystem::path& path);

// Throws DataError if the path is a folder. To be called before the work whose result is written
// there.
void require_file_name(const std::filesystem::path& path);

// Renames partial_path(path) to path. If that fails, removes the partial file and throws DataError.
void publish(const std::filesystem::path& path);

// Writes text under a temporary name and renames it. Throws DataError naming the path (disk full,
// folder missing, path is a folder).
void write_text_file(const std::filesystem::path& path, std::string_view text);

// Returns the whole content. Throws DataError naming the path.
[[nodiscard]] std::string read_text_file(const std::filesystem::path& path);

}  // namespace stationhit::core
