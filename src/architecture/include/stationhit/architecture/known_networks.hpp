// The names of the networks, as the setting model.architecture takes them.
#pragma once

#include <string>
#include <vector>

namespace stationhit::architecture {

[[nodiscard]] std::vector<std::string> known_networks();

}  // namespace stationhit::architecture
