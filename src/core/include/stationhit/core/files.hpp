// Files that appear whole or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace stationhit::core {

// A path beside `path` for writing aside: "<path>.partial". Same folder, so that the rename is
// atomic.
[[nodiscard]] std::filesystem::path partial_path(const std::filesystem::path& path);

// Throws DataError if the path is a folder: asked before the work whose result goes there.
void require_file_name(const std::filesystem::path& path);

// Renames partial_path(path) to path; where that fails, the partial file goes. Throws DataError.
void publish(const std::filesystem::path& path);

// Writes text aside and renames. Throws DataError naming the path (disk full, folder missing, a
// folder itself).
void write_text_file(const std::filesystem::path& path, std::string_view text);

// Whole content. Throws DataError naming the path.
[[nodiscard]] std::string read_text_file(const std::filesystem::path& path);

}  // namespace stationhit::core
