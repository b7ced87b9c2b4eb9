// What a ROOT file contains. root_io reads it; programs that are built without ROOT know the type
// too.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace stationhit::core {

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
  std::string
      kind;  // "hit ntuple", "prepared shard", "scores", "ROOT file" or what the entries are
  std::uint64_t bytes = 0;
  bool was_closed = true;  // false: its writer died, and events behind the trees are lost
  std::vector<ObjectDescription> objects;
};

}  // namespace stationhit::core
