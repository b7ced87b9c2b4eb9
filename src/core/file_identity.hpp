// Which file has a name now. Private to the module.
#pragma once

#include <filesystem>

#include <sys/stat.h>

namespace stationhit::core {

// True if the open file is the one of this name; links are not followed.
[[nodiscard]] inline bool is_named(int descriptor, const std::filesystem::path& path) {
  struct stat open {
  }, named{};
  return ::fstat(descriptor, &open) == 0 && ::lstat(path.c_str(), &named) == 0 &&
         open.st_ino == named.st_ino && open.st_dev == named.st_dev;
}

}  // namespace stationhit::core
