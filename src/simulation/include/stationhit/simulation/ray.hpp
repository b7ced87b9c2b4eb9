// A straight path through several stations.
#pragma once

#include <cstddef>
#include <vector>

#include <stationhit/simulation/detector.hpp>
#include <stationhit/simulation/propagation.hpp>

namespace stationhit::simulation {

// A half-line in global coordinates; the direction has any length.
struct Ray {
  Vector3 start, direction;
};

struct FrameCrossing {
  std::size_t frame = 0;
  Line line;
};

// The ray that leaves the plane of a frame along a line, outward or (outward = -1) inward.
[[nodiscard]] Ray ray_along(const Frame& frame, const Line& line, int outward);

// The crossings of a ray with the frames of one station (station_number()), at most `reach` mm from
// its start. Grazing crossings are left out.
[[nodiscard]] std::vector<FrameCrossing> cross_station(const Detector& detector, const Ray& ray,
                                                       int station, double reach);

}  // namespace stationhit::simulation
