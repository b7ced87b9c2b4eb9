// A rename is atomic inside a file system, so a reader finds the old file or the whole new one. The
// content is brought to the disk before the rename and the folder after it: otherwise a power cut
// could leave an empty file under the final name. A partial file is locked as long as its writer
// lives, which is how others know that it is not left over.
#include <cerrno>
#include <cstring>
#include <mutex>
#include <set>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/output_file.hpp>
#include <stationhit/core/output_target.hpp>
#include <stationhit/core/write_failure.hpp>

#include "file_identity.hpp"
#include "partial_name.hpp"
#include "trial_file.hpp"

namespace stationhit::core {
namespace {

namespace fs = std::filesystem;

constexpr mode_t default_mode = 0666;  // less the umask of the user

// Never follows a link: somebody else may have put one there.
int open_partial(const fs::path& path, int flags) {
  return ::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC | flags, default_mode);
}

std::FILE* take(int descriptor) {
  // Where the file system has no locks, other signs say whether the writer lives.
  (void)::flock(descriptor, LOCK_EX | LOCK_NB);
  return ::fdopen(descriptor, "r+b");
}

// Some file systems cannot bring a folder to the disk and say so; nothing more can be done there.
void sync_folder(const fs::path& file) {
  const int descriptor = ::open(folder_of(file).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  (void)::fsync(descriptor);
  ::close(descriptor);
}

// Listing a folder for every file of it would take long where there are thousands.
void clean_once(const fs::path& folder) {
  static std::mutex mutex;
  static std::set<fs::path> cleaned;
  {
    const std::scoped_lock lock(mutex);
    if (!cleaned.insert(fs::absolute(folder)).second) return;
  }
  remove_stale_partial_files(folder);
}

}  // namespace

std::error_code try_file_in(const fs::path& folder) {
  const fs::path trial = make_partial_path(folder / "trial", "");
  const int descriptor = open_partial(trial, O_CREAT | O_EXCL);
  if (descriptor < 0) return {errno, std::generic_category()};
  ::close(descriptor);
  std::error_code ignored;
  fs::remove(trial, ignored);
  return {};
}

OutputFile::OutputFile(const fs::path& path, PartialName naming, std::string_view extension)
    : path_(path),
      target_(resolve_output(path)),
      partial_(naming == PartialName::unique ? make_partial_path(target_, extension)
                                             : fixed_partial_path(target_, extension)) {
  clean_once(folder_of(target_));
  std::error_code ignored;
  // What an earlier program left there, or a link that somebody put there.
  if (naming == PartialName::fixed) fs::remove(partial_, ignored);
  const int descriptor = open_partial(partial_, O_CREAT | O_EXCL);
  if (descriptor < 0) throw_write_failure(path_, errno);
  file_ = take(descriptor);
}

OutputFile::~OutputFile() { remove(); }

void OutputFile::remove() noexcept {
  if (file_ == nullptr) return;
  (void)std::fclose(std::exchange(file_, nullptr));
  std::error_code ignored;
  fs::remove(partial_, ignored);
}

int OutputFile::duplicate_descriptor() const {
  const int copy = ::fcntl(::fileno(file_), F_DUPFD_CLOEXEC, 0);
  if (copy < 0) throw_write_failure(path_, errno);
  return copy;
}

void OutputFile::fail() const {
  throw DataError(path_.string() + ": writing failed: " + std::strerror(errno) +
                  "; free space on the disk and run again");
}

void OutputFile::write(std::string_view bytes) {
  if (!bytes.empty() && std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) fail();
}

void OutputFile::flush() {
  if (std::fflush(file_) != 0) fail();
}

void OutputFile::publish() {
  flush();
  if (::fsync(::fileno(file_)) != 0) fail();
  // Refused if it is another file now: a library replaced it without our knowledge.
  const bool is_ours = is_named(::fileno(file_), partial_);
  if (!is_ours || ::rename(partial_.c_str(), target_.c_str()) != 0) {
    const std::string reason = is_ours ? std::strerror(errno) : "its partial file was replaced";
    remove();
    throw DataError(path_.string() + ": cannot rename the finished file to this name: " + reason +
                    "; choose another name");
  }
  (void)std::fclose(std::exchange(file_, nullptr));
  sync_folder(target_);
}

}  // namespace stationhit::core
