#include <cerrno>
#include <cstring>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/write_failure.hpp>

namespace stationhit::core {
namespace {

const char* next_step(int error) {
  switch (error) {
    case ENOENT:
      return "make the folder first, or choose another place";
    case ENOTDIR:
      return "a part of the path is a file; choose another place";
    case EACCES:
    case EPERM:
    case EROFS:
      return "choose a place where you may write";
    case ENOSPC:
    case EDQUOT:
      return "free space there, or choose another place";
    case EMFILE:
    case ENFILE:
      return "allow more open files (ulimit -n)";
    default:
      return "choose another place";
  }
}

}  // namespace

void throw_write_failure(const std::filesystem::path& path, int error) {
  throw DataError(path.string() + ": cannot write here: " + std::strerror(error) + "; " +
                  next_step(error));
}

}  // namespace stationhit::core
