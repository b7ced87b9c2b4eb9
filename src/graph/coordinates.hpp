// Coordinates that a metric can use.
#pragma once

#include <span>
#include <string>

#include <stationhit/core/event_columns.hpp>

namespace stationhit::graph {

using HitColumn = std::span<const float> core::HitColumns::*;

// localX localY localZ globX globY globZ
[[nodiscard]] std::span<const std::string> coordinate_names();

// The column of the coordinate; null if the name is none of coordinate_names().
[[nodiscard]] HitColumn find_coordinate(const std::string& name);

}  // namespace stationhit::graph
