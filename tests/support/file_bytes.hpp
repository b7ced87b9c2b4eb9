// Whole files as bytes, for tests that damage them.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace stationhit::test {

inline std::string read_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline void write_bytes(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace stationhit::test
