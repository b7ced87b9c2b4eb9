// In the frame of a plane the ray is a start and a direction, and crosses the plane where its local
// z becomes 0.
#include <cmath>

#include <stationhit/simulation/ray.hpp>
#include <stationhit/simulation/track_hits.hpp>

namespace stationhit::simulation {
namespace {

Vector3 difference(const Vector3& a, const Vector3& b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }

double length(const Vector3& v) { return std::sqrt(v.x * v.x + v.y * v.y + v.z * v.z); }

}  // namespace

Ray ray_along(const Frame& frame, const Line& line, int outward) {
  const Vector3 start = frame.to_global({line.x, line.y, 0});
  const Vector3 next = frame.to_global(
      {line.x + outward * line.tx, line.y + outward * line.ty, static_cast<double>(outward)});
  return {start, difference(next, start)};
}

std::vector<FrameCrossing> cross_station(const Detector& detector, const Ray& ray, int station,
                                         double reach) {
  std::vector<FrameCrossing> crossings;
  const Vector3 ahead{ray.start.x + ray.direction.x, ray.start.y + ray.direction.y,
                      ray.start.z + ray.direction.z};
  for (std::size_t f = 0; f < detector.frames().size(); ++f) {
    const Frame& frame = detector.frames()[f];
    if (station_number(frame.layer) != station) continue;
    const Vector3 start = frame.to_local(ray.start),
                  direction = difference(frame.to_local(ahead), start);
    // Distance to the plane in units of the direction.
    const double path = -start.z / direction.z;
    if (!(path > 0) || path * length(direction) > reach) continue;
    const Line line{start.x + path * direction.x, start.y + path * direction.y,
                    direction.x / direction.z, direction.y / direction.z};
    if (std::abs(line.tx) < steepest_slope && std::abs(line.ty) < steepest_slope)
      crossings.push_back({f, line});
  }
  return crossings;
}

}  // namespace stationhit::simulation
