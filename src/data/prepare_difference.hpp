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
  std::vector<InputRecord> damaged;  // that are left out
};

// Whether `there` is what was begun before a file turned out to be damaged that `here` leaves out.
[[nodiscard]] bool has_damaged_inputs(const SetIdentity& there, const SetIdentity& here);

// The first few differences: "selection.min_pt is 5 there and 10 here; input b.root is new".
[[nodiscard]] std::string describe_differences(const SetIdentity& there, const SetIdentity& here);

}  // namespace stationhit::data
