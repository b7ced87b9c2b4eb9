// Names and columns stand in the same order: the position of a name is the position of its column.
#include "coordinates.hpp"

#include <algorithm>
#include <array>

namespace stationhit::graph {
namespace {

const std::array<std::string, 6> names{"localX", "localY", "localZ", "globX", "globY", "globZ"};
constexpr std::array<HitColumn, 6> columns{&core::HitColumns::local_x, &core::HitColumns::local_y,
                                           &core::HitColumns::local_z, &core::HitColumns::glob_x,
                                           &core::HitColumns::glob_y,  &core::HitColumns::glob_z};

}  // namespace

std::span<const std::string> coordinate_names() { return names; }

HitColumn find_coordinate(const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? nullptr : columns[static_cast<std::size_t>(found - names.begin())];
}

}  // namespace stationhit::graph
