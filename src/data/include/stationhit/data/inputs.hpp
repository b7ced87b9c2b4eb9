// Input files of the preparation.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace stationhit::data {

// The files that `patterns` name, ascending by file name, then by path, each once: files, folders
// (their *.root files or, where there are none, *.h5 and *.hdf5; not those of subfolders), glob
// patterns and remote files (root://...). Throws DataError naming the pattern that matches nothing,
// or that is one of remote files; ConfigError without patterns.
[[nodiscard]] std::vector<std::filesystem::path> expand_inputs(
    std::span<const std::string> patterns);

// The process that a file holds: its name up to "_PU", else the name without extension.
// "/d/zmumu_PU200_skip0_n50.root" -> "zmumu".
[[nodiscard]] std::string process_name(const std::filesystem::path& file);

struct InputFile {
  std::filesystem::path path;
  std::string name;  // file name without folders: what the split and the manifest know the file by
  std::string process;        // process_name(path)
  std::uint64_t size = 0;     // bytes
  std::uint64_t entries = 0;  // events in the tree
  std::string checksum;       // XXH3 of size, first and last MiB: tells another file apart without
                              // reading all of it
};

// The content of a file, wherever it is.
struct InputBytes {
  std::uint64_t size = 0;
  std::function<void(std::uint64_t offset, std::span<char> buffer)> read;  // throws DataError
};

// Name, process, size and checksum; entries stay 0. Throws DataError naming the file.
[[nodiscard]] InputFile examine_input(const std::filesystem::path& path, const InputBytes& bytes);
// The same of a file of this machine.
[[nodiscard]] InputFile examine_input(const std::filesystem::path& path);

}  // namespace stationhit::data
