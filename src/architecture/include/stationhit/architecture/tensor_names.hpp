// Names of the tensors that belong to a stage but do not begin with its name.
#pragma once

#include <string>

#include <stationhit/architecture/network_description.hpp>

namespace stationhit::architecture {

// What stands before "encoding" in the name of an encoding, and before "normalization.mean",
// "normalization.inv_std" and the names of its other tensors: nothing, or the name of the network
// that is nested in the whole one and a dot.
[[nodiscard]] std::string prefix_of(const Stage& encoding);

}  // namespace stationhit::architecture
