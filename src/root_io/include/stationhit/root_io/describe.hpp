// What a ROOT file holds, for people.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace stationhit::root_io {

struct ColumnDescription {
  std::string name;
  std::string type;
};

struct ObjectDescription {
  std::string name;
  std::string kind;           // "TTree", "RNTuple" or the class of another object
  std::uint64_t entries = 0;  // trees and RNTuples only
  std::vector<ColumnDescription> columns;
};

struct RootFileDescription {
  std::string kind;  // "hit ntuple", "prepared shard", "scores" or "ROOT file"
  std::uint64_t bytes = 0;
  std::vector<ObjectDescription> objects;
};

// Throws DataError naming the path if it is no readable ROOT file.
[[nodiscard]] RootFileDescription describe(const std::filesystem::path& path);

}  // namespace stationhit::root_io
