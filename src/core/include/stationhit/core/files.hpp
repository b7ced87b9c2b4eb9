// Whole text files, and the folders of files. Larger files are written through
// core/output_file.hpp.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace stationhit::core {

// The file appears complete or not at all (core/output_file.hpp). Throws DataError naming the path
// (disk full, folder missing, path is a folder or a device).
void write_text_file(const std::filesystem::path& path, std::string_view text);

// Returns the whole content. Throws DataError naming the path.
[[nodiscard]] std::string read_text_file(const std::filesystem::path& path);

// The folder that holds the file; "." for a path without folder.
[[nodiscard]] std::filesystem::path folder_of(const std::filesystem::path& file);

}  // namespace stationhit::core
