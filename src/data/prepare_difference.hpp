// What distinguishes a set that a folder holds from the one that is asked for.
#pragma once

#include <string>
#include <vector>

#include <stationhit/data/manifest.hpp>

namespace stationhit::data {

// Everything that decides about the content of the shards.
struct SetIdentity {
  Provenance provenance;
  std::vector<InputRecord> inputs;
};

// The first few differences: "selection.min_pt is 5 there and 10 here; input b.root is new".
[[nodiscard]] std::string describe_differences(const SetIdentity& there, const SetIdentity& here);

}  // namespace stationhit::data
