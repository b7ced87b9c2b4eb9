// The lock is that of the kernel on a file in the directory (flock), so a killed process cannot
// leave it behind. The file is removed at the end; whoever got the lock of a removed file sees that
// the name belongs to another one now, and tries again.
#include <array>
#include <cerrno>
#include <chrono>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <stationhit/core/directory_lock.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/output_target.hpp>
#include <stationhit/core/write_failure.hpp>

#include "file_identity.hpp"
#include "partial_name.hpp"

namespace stationhit::core {
namespace {

namespace fs = std::filesystem;

int open_lock_file(const fs::path& path) {
  constexpr int flags = O_NOFOLLOW | O_CLOEXEC;
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | flags, 0666);
  if (file >= 0 || errno != EACCES) return file;
  // A lock file of another user can be locked all the same. Where there is none, the folder is what
  // may not be written.
  const int existing = ::open(path.c_str(), O_RDONLY | flags);
  if (existing < 0) errno = EACCES;
  return existing;
}

// Says who holds the lock; it is for messages only, so a failure does not matter.
void write_owner(int file) {
  const std::string text = "process " + std::to_string(getpid()) + " on " + host_name() + "\n";
  if (::ftruncate(file, 0) == 0) (void)!::pwrite(file, text.data(), text.size(), 0);
}

std::string read_owner(int file) {
  std::array<char, 128> buffer{};
  const ssize_t n = ::pread(file, buffer.data(), buffer.size() - 1, 0);
  const std::string text(buffer.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
  const std::string line = text.substr(0, text.find('\n'));
  return line.starts_with("process ") ? " (" + line + ")" : "";
}

}  // namespace

DirectoryLock::DirectoryLock(const fs::path& directory, const Logger& log, LockMode mode)
    : directory_(directory), lock_file_(directory / file_name), mode_(mode) {
  make_directory();
  acquire(log);
}

DirectoryLock::DirectoryLock(const fs::path& directory, const Logger& log, const std::string& part,
                             std::string work)
    : directory_(directory),
      lock_file_(directory / (std::string(file_name) + "." + part)),
      work_(std::move(work)) {
  make_directory();
  acquire(log);
}

DirectoryLock::~DirectoryLock() {
  std::error_code ignored;
  if (file_ >= 0) {
    // Before the lock is released, so that the file is still ours; the last of those that share it
    // gets it alone.
    if (mode_ == LockMode::alone || ::flock(file_, LOCK_EX | LOCK_NB) == 0)
      fs::remove(lock_file_, ignored);
    ::close(file_);
  }
  // Directories that are not empty stay.
  for (; !made_.empty(); made_.pop_back()) fs::remove(made_.back(), ignored);
}

void DirectoryLock::make_directory() {
  if (fs::exists(directory_) && !fs::is_directory(directory_))
    throw DataError(directory_.string() + ": is a file; give a folder");
  std::error_code ignored;
  for (fs::path missing = fs::absolute(directory_).lexically_normal();
       missing.has_relative_path() && !fs::exists(missing, ignored);
       missing = missing.parent_path())
    made_.insert(made_.begin(), missing);
  make_folder(directory_);
}

void DirectoryLock::acquire(const Logger& log) {
  for (;;) {
    file_ = open_lock_file(lock_file_);
    if (file_ < 0) throw_write_failure(directory_, errno);
    const int operation = mode_ == LockMode::alone ? LOCK_EX : LOCK_SH;
    if (::flock(file_, operation | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) refuse();
      log.warning(directory_.string() +
                  ": this file system has no locks; make sure that no other program writes into "
                  "this folder at the same time");
      return;
    }
    if (is_named(file_, lock_file_)) return write_owner(file_);
    ::close(std::exchange(file_, -1));
  }
}

void DirectoryLock::refuse() const {
  const std::string owner = read_owner(file_);
  ::close(file_);
  if (!work_.empty())
    throw DirectoryInUse(directory_.string() + ": another program " + work_ + owner +
                         "; wait for its end");
  throw DirectoryInUse(directory_.string() + ": another program is writing into this folder" +
                       owner + "; wait for its end, or choose another folder");
}

std::unique_ptr<DirectoryLock> wait_for_lock(const fs::path& directory, const Observer& observer) {
  for (bool is_told = false; !observer.stop_requested(); is_told = true) {
    try {
      return std::make_unique<DirectoryLock>(directory, observer.log());
    } catch (const DirectoryInUse& error) {
      if (!is_told) observer.log().warning("waiting: " + std::string(error.what()));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  return nullptr;
}

}  // namespace stationhit::core
