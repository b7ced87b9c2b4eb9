// A named pipe blocks whoever opens it until somebody writes, so the file is opened without
// blocking and its kind is asked for afterwards, from the descriptor: the name cannot change its
// meaning between the two.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

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

constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

constexpr bool is_in_protocol(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

[[noreturn]] void throw_missing(const std::filesystem::path& path, int error) {
  if (is_remote(path))
    throw_error(path,
                "only ROOT ntuples are read from other machines; copy the file to this one and "
                "give the copy");
  throw_error(path, std::strerror(error));
}

void require_regular(const std::filesystem::path& path, mode_t mode) {
  if (S_ISREG(mode)) return;
  if (S_ISDIR(mode)) throw_error(path, "it is a folder");
  throw_error(path, "it is " + name_kind(mode) +
                        " and no regular file; write the content into a file and name that");
}

}  // namespace

std::string protocol_of(const std::filesystem::path& path) {
  const std::string& name = path.native();
  const std::size_t end = name.find("://");
  if (end == std::string::npos || end == 0 || !is_letter(name.front())) return "";
  const std::string protocol = name.substr(0, end);
  std::error_code ignored;
  const bool is_protocol = std::ranges::all_of(protocol, is_in_protocol);
  return is_protocol && !std::filesystem::exists(path, ignored) ? protocol : "";
}

bool is_remote(const std::filesystem::path& path) { return !protocol_of(path).empty(); }

std::string file_name(const std::filesystem::path& path) {
  if (!is_remote(path)) return path.filename().string();
  const std::string& name = path.native();
  return std::filesystem::path(name.substr(0, name.find('?'))).filename().string();
}

int open_input_file(const std::filesystem::path& path) {
  struct stat status {};
  // Opening a device can have effects, so its kind is looked at before as well.
  if (::stat(path.c_str(), &status) != 0) throw_missing(path, errno);
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
