// How much of a mapped file is in the memory of this process. Linux only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace stationhit::test {

// Kilobytes of the file that count as memory of this process (/proc/self/smaps); 0 if it is not
// mapped.
inline std::uint64_t resident_kilobytes(const std::filesystem::path& file) {
  std::ifstream maps("/proc/self/smaps");
  std::uint64_t kilobytes = 0;
  bool of_file = false;
  for (std::string line; std::getline(maps, line);) {
    std::istringstream words(line);
    std::string first;
    words >> first;
    if (!first.ends_with(':')) of_file = line.ends_with(" " + file.string());
    std::uint64_t value = 0;
    if (of_file && first == "Rss:" && words >> value) kilobytes += value;
  }
  return kilobytes;
}

}  // namespace stationhit::test
