// Checks of what is to be written, for the time before the work whose result it is.
#pragma once

#include <filesystem>
#include <vector>

#include <stationhit/core/file_kind.hpp>

namespace stationhit::core {

// What becomes of the folder of an output file if it does not exist.
enum class MissingFolder { is_an_error, will_be_made };

// Throws DataError naming the path unless a file can be written there: it is a folder, a device, a
// pipe or a socket, its folder is missing or takes no file. Makes nothing.
void require_output_file(const std::filesystem::path& path,
                         MissingFolder missing = MissingFolder::is_an_error);

// Throws DataError naming the path unless files can be written into this folder, which need not
// exist yet. Makes nothing.
void require_output_folder(const std::filesystem::path& path);

// Throws DataError naming the path if a file is there already that is not of this kind: it is not
// what an earlier call made. An empty file may be replaced.
void require_same_kind(const std::filesystem::path& path, FileKind kind);

// Throws DataError naming the path if it is the same file as one of the inputs, under any name.
// Empty paths are no files.
void require_no_input(const std::filesystem::path& output,
                      const std::vector<std::filesystem::path>& inputs);

// Makes the folder and those above it. Throws DataError naming the path.
void make_folder(const std::filesystem::path& path);

// The path behind all symbolic links of its last component, which need not exist. Throws DataError
// for links in a circle and for what is there but is no regular file.
[[nodiscard]] std::filesystem::path resolve_output(const std::filesystem::path& path);

}  // namespace stationhit::core
