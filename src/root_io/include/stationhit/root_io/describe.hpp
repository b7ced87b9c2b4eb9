// Describes the content of a ROOT file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace stationhit::root_io {

struct ColumnDescription {
  std::string name;
  std::string type;         // C++ type, for example "vector<float>"
  std::uint64_t bytes = 0;  // compressed, on disk
};

struct ObjectDescription {
  std::string name;
  std::string kind;  // "TTree", "RNTuple" or ROOT's class name
  std::uint64_t entries = 0;
  std::vector<ColumnDescription> columns;  // branches or top-level fields
};

struct RootFileDescription {
  std::string kind;  // "hit ntuple", "prepared shard", "scores" or "ROOT file"
  std::uint64_t bytes = 0;
  std::vector<ObjectDescription> objects;
};

// Throws DataError naming the path: missing, not a ROOT file, truncated.
[[nodiscard]] RootFileDescription describe(const std::filesystem::path& path);

}  // namespace stationhit::root_io
