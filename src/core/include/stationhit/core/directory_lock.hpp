// One program at a time writes into a directory whose files belong together.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/logger.hpp>
#include <stationhit/core/observer.hpp>

namespace stationhit::core {

// Several programs may share a lock; none of them has it while another has it alone.
enum class LockMode { alone, shared };

// Another program holds the lock.
class DirectoryInUse : public DataError {
 public:
  using DataError::DataError;
};

// Holds the lock of a directory. The kernel releases it when the process ends, however it ends.
// Readers take no lock. On file systems without locks there is a warning, and no protection.
class DirectoryLock {
 public:
  static constexpr const char* file_name = ".stationhit.lock";

  // Makes the directory if it is missing. Throws DirectoryInUse
  // naming the directory if another program holds the lock (with process and host of it), DataError
  // if no file can be made there.
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

// The lock when the program that holds it has ended; a line says for whom it waits. Null: the
// observer asks to stop. Throws DataError as above.
[[nodiscard]] std::unique_ptr<DirectoryLock> wait_for_lock(const std::filesystem::path& directory,
                                                           const Observer& observer);

}  // namespace stationhit::core
