// Every station is checked by itself (ranges, layers, plane) and against every station before it:
// two stations that share sectors and range must not have layers closer than their thickness.
// O(n^2) in the number of stations, which is small.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/simulation/detector.hpp>

namespace stationhit::simulation {
namespace {

constexpr double mdt_half_thickness = 13.0,
                 strip_half_thickness = 3.0;  // mm: half the minimum distance of neighboring layers
constexpr double widest_angle =
    std::numbers::pi / 8;  // propagation looks no further from the axis of a sector

std::string describe_station(const StationSpec& spec) {
  const auto station = core::find_station(spec.station_index);
  return std::string(core::name(spec.technology)) + " station " +
         (station ? std::string(station->name) : std::to_string(spec.station_index));
}

[[noreturn]] void reject(const StationSpec& spec, const std::string& what) {
  throw core::ConfigError("geometry, " + describe_station(spec) + ": " + what);
}

double half_thickness(const StationSpec& spec) {
  return spec.technology == core::Technology::mdt ? mdt_half_thickness : strip_half_thickness;
}

void check_ranges(const StationSpec& spec) {
  using core::to_text;
  if (!(spec.y_low >= 0 && spec.y_low < spec.y_high))
    reject(spec, "y_low = " + to_text(spec.y_low) + ", y_high = " + to_text(spec.y_high) +
                     ": the covered range must be positive and ascending");
  if (spec.n_eta < 1 || !(spec.pitch > 0) ||
      !((spec.y_high - spec.y_low) / spec.n_eta > 2 * spec.pitch))
    reject(spec, "n_eta = " + std::to_string(spec.n_eta) + ", pitch = " + to_text(spec.pitch) +
                     ": a chamber must hold at least one channel");
  if (!(spec.half_width > 0) || (!spec.barrel && spec.half_width > widest_angle))
    reject(spec, "half_width = " + to_text(spec.half_width) +
                     ": it must be positive, in the end-cap (rad) at most " +
                     to_text(widest_angle));
  if (spec.layers.empty()) reject(spec, "it has no layers");
}

void check_layers(const StationSpec& spec) {
  for (std::size_t i = 1; i < spec.layers.size(); ++i) {
    const double distance = spec.layers[i] - spec.layers[i - 1];
    if (distance < 2 * half_thickness(spec))
      reject(spec, "layers " + std::to_string(i) + " and " + std::to_string(i + 1) +
                       " overlap: they are " + core::to_text(distance) + " mm apart, at least " +
                       core::to_text(2 * half_thickness(spec)) + " are needed, in ascending order");
  }
}

bool overlap(const StationSpec& a, const StationSpec& b) {
  return core::station_layer(a.station_index) == core::station_layer(b.station_index) &&
         (a.sectors & b.sectors) != 0 && a.y_low < b.y_high && b.y_low < a.y_high;
}

void check_pair(const StationSpec& a, const StationSpec& b) {
  if (!overlap(a, b)) return;
  for (const double z_a : a.layers) {
    for (const double z_b : b.layers) {
      if (std::abs(z_a - z_b) >= half_thickness(a) + half_thickness(b)) continue;
      reject(a, "overlaps " + describe_station(b) + ": layers at local z = " + core::to_text(z_a) +
                    " and " + core::to_text(z_b) +
                    " mm in the same sectors and range; move one of them");
    }
  }
}

}  // namespace

void check(const Geometry& geometry) {
  for (std::size_t i = 0; i < geometry.stations.size(); ++i) {
    const StationSpec& spec = geometry.stations[i];
    check_ranges(spec);
    check_layers(spec);
    const auto layer = core::station_layer(spec.station_index);
    if (std::none_of(geometry.planes.begin(), geometry.planes.end(),
                     [&](const FramePlane& plane) { return plane.layer == layer; }))
      reject(spec, "there is no plane for its station layer " + std::string(core::name(layer)));
    for (std::size_t j = 0; j < i; ++j) check_pair(geometry.stations[j], spec);
  }
}

}  // namespace stationhit::simulation
