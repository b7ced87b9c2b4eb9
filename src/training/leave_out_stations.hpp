// Training events in which chambers are missing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sample.hpp"

namespace stationhit::training {

// Columns of the features phi [rad] and stationLayer.
struct StationColumns {
  std::size_t phi = 0, station_layer = 0;
};

// Nothing where one of the two features is missing.
[[nodiscard]] std::optional<StationColumns> find_station_columns(
    const std::vector<std::string>& feature_names);

// Leaves every sector of every station layer out with probability `share`: all groups whose first
// node lies in it, signal or not. There are 16 sectors in phi, the first one around phi = 0. A
// network that sees other stations then learns that a muon may be seen by fewer of them. The choice
// depends on `seed` only.
[[nodiscard]] Sample leave_out_stations(const Sample& sample, const StationColumns& columns,
                                        double share, std::uint64_t seed);

}  // namespace stationhit::training
