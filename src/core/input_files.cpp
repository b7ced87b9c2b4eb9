// A named pipe blocks whoever opens it until somebody writes, so the file is opened without
// blocking and its kind is asked for afterwards, from the descriptor: the name cannot change its
// meaning between the two.
#include <cerrno>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/input_files.hpp>

namespace stationhit::core {
namespace {

std::string name_kind(mode_t mode) {
  if (S_ISFIFO(mode)) return "a named pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

[[noreturn]] void throw_error(const std::filesystem::path& path, const std::string& reason) {
  throw DataError(path.string() + ": cannot be read: " + reason);
}

void require_regular(const std::filesystem::path& path, mode_t mode) {
  if (S_ISREG(mode)) return;
  if (S_ISDIR(mode)) throw_error(path, "it is a folder");
  throw_error(path, "it is " + name_kind(mode) +
                        " and no regular file; write the content into a file and name that");
}

}  // namespace

int open_input_file(const std::filesystem::path& path) {
  struct stat status {};
  // Opening a device can have effects, so its kind is looked at before as well.
  if (::stat(path.c_str(), &status) != 0) throw_error(path, std::strerror(errno));
  require_regular(path, status.st_mode);
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (file < 0) throw_error(path, std::strerror(errno));
  if (::fstat(file, &status) == 0 && S_ISREG(status.st_mode)) return file;
  ::close(file);
  require_regular(path, status.st_mode);
  throw_error(path, std::strerror(EIO));
}

void require_input_file(const std::filesystem::path& path) { ::close(open_input_file(path)); }

}  // namespace stationhit::core
