// A partial file is stale if nobody holds its lock and its writer is gone: its process does not
// exist on this host, or, where that says nothing (other hosts and containers), it has been left
// alone for a while. Its age is measured by its last change.
#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <stationhit/core/output_file.hpp>

#include "partial_name.hpp"

namespace stationhit::core {
namespace {

namespace fs = std::filesystem;

// Between making the file and locking it a writer needs far less, and clocks of hosts may differ.
constexpr std::chrono::minutes long_enough{10};

enum class LockState { held, free, unknown };

LockState lock_state(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) return LockState::unknown;
  const bool taken = ::flock(file, LOCK_EX | LOCK_NB) == 0;
  const int error = errno;
  ::close(file);
  if (taken) return LockState::free;
  return error == EWOULDBLOCK ? LockState::held : LockState::unknown;
}

bool process_is_gone(const PartialOwner& owner) {
  return owner.host == host_name() && ::kill(owner.process, 0) != 0 && errno == ESRCH;
}

bool is_stale(const fs::directory_entry& entry) {
  const auto owner = owner_of_partial(entry.path().filename().string());
  if (!owner || !fs::is_regular_file(entry.symlink_status())) return false;
  const bool is_gone = process_is_gone(*owner);
  if (!is_gone && fs::file_time_type::clock::now() - entry.last_write_time() < long_enough)
    return false;
  const LockState state = lock_state(entry.path());
  return state == LockState::free || (state == LockState::unknown && is_gone);
}

}  // namespace

void remove_stale_partial_files(const fs::path& folder) noexcept {
  // What cannot be listed or removed is left: cleaning up must not stop the work.
  try {
    std::vector<fs::path> stale;
    for (const auto& entry : fs::directory_iterator(folder))
      if (is_stale(entry)) stale.push_back(entry.path());
    std::error_code ignored;
    for (const fs::path& path : stale) fs::remove(path, ignored);
  } catch (const std::exception&) {
    return;
  }
}

}  // namespace stationhit::core
