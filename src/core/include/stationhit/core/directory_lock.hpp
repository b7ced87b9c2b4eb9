// One program at a time writes into a directory whose files belong together.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <stationhit/core/logger.hpp>

namespace stationhit::core {

// Several programs may share a lock; none of them has it while another has it alone.
enum class LockMode { alone, shared };

// Holds the lock of a directory. The kernel releases it when the process ends, however it ends.
// Readers take no lock. On file systems without locks there is a warning, and no protection.
class DirectoryLock {
 public:
  static constexpr const char* file_name = ".stationhit.lock";

  // Makes the directory if it is missing. Throws DataError
  // naming the directory if another program holds the lock (with process and host of it), or if
  // no file can be made there.
  DirectoryLock(const std::filesystem::path& directory, const Logger& log,
                LockMode mode = LockMode::alone);
  // The lock of a part of the work in the directory, which has a name of its own ("piece.3-of-16").
  // `work` is what its holder does, for the error: "is making piece 3 of 16 in this folder".
  DirectoryLock(const std::filesystem::path& directory, const Logger& log, const std::string& part,
                std::string work);
  // Removes the lock file, and the directories that were made if they are still empty.
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  void make_directory();
  void acquire(const Logger& log);
  [[noreturn]] void refuse() const;

  std::filesystem::path directory_, lock_file_;
  LockMode mode_ = LockMode::alone;
  std::string work_;                         // of a part
  std::vector<std::filesystem::path> made_;  // from the top down
  int file_ = -1;
};

}  // namespace stationhit::core
