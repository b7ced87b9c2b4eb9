// A network as a part of another one.
#pragma once

#include <string>

#include <stationhit/architecture/network_description.hpp>

namespace stationhit::architecture {

// The description with "<part>." before the names of its stages, tensors, linear layers and graphs.
// Its axes are gone: pruning leaves a nested network as it is.
[[nodiscard]] NetworkDescription nested(NetworkDescription network, const std::string& part);

// Appends row sets, graphs, stages and axes of `part`; row sets that are there already are shared.
void append(NetworkDescription& network, NetworkDescription part);

}  // namespace stationhit::architecture
