// A file that appears under its name only when it is complete: also if the program is killed, the
// disk is full, the power fails, or several programs write the same file.
#pragma once

#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>

namespace stationhit::core {

enum class PartialName {
  unique,  // "<name>.<host>.<process>.<random>.partial", which no other writer has
  fixed,  // "<name>.partial", for libraries that store the name of the file in it. Only in a folder
          // that one program at a time writes (DirectoryLock): a later writer takes the name away.
};

// The file is written beside its target under a partial name, is locked while it is written, and
// gets its name by a rename in publish(). Of several writers of one name the last to finish wins. A
// target that is a symbolic link is written through: the file that the link names is replaced, and
// made if it does not exist. The first file that a process writes in a folder removes the stale
// partial files there. Not thread-safe.
class OutputFile {
 public:
  // Makes the partial file. `extension` ends its name, for libraries that choose a format by it.
  // Throws DataError naming the path: what require_output_file refuses.
  explicit OutputFile(const std::filesystem::path& path, PartialName naming = PartialName::unique,
                      std::string_view extension = {});
  // Removes the file if it was not published.
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  // The path as it was given, for messages.
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  // Where a library writes that opens files by name.
  [[nodiscard]] const std::filesystem::path& partial_path() const { return partial_; }
  // For a library that writes to an open file; it belongs to the caller.
  [[nodiscard]] int duplicate_descriptor() const;

  // Throws DataError naming the path if the disk is full.
  void write(std::string_view bytes);
  // From now on all that was written can be read at partial_path(). Throws as write does.
  void flush();

  // Brings the content to the disk and gives the file its name. Throws DataError naming the path;
  // the partial file is removed then.
  void publish();

 private:
  [[noreturn]] void fail() const;
  void remove() noexcept;

  std::filesystem::path path_, target_, partial_;
  std::FILE* file_ = nullptr;
};

// Removes the partial files in this folder whose writers no longer exist, however they ended.
// Those of other hosts are kept while they are locked or young. Never throws.
void remove_stale_partial_files(const std::filesystem::path& folder) noexcept;

}  // namespace stationhit::core
