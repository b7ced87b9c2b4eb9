// The table of stations is expanded once into chambers with positions in the frame of their
// (station layer, sector, side). All later code works in these frames; a frame is an origin and
// three orthonormal axes, so conversions in both directions are dot products.
#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>
#include <tuple>
#include <utility>

#include <stationhit/simulation/detector.hpp>
#include <stationhit/simulation/random.hpp>

namespace stationhit::simulation {
namespace {

constexpr double pi = std::numbers::pi;
constexpr int n_sectors = 16;

double sector_phi(int sector) { return (sector - 1) * 2 * pi / n_sectors; }
bool is_large(int sector) { return sector % 2 == 1; }
double dot(const Vector3& a, const Vector3& b) { return a.x * b.x + a.y * b.y + a.z * b.z; }

// x runs along tubes and strips, y along the precision coordinate (z in the barrel, the radius in
// the end-cap) and z away from the interaction point. The axes are right-handed on both sides,
// which is why x changes its direction with the side.
Frame make_frame(const FramePlane& plane, int sector, int side) {
  Frame frame{plane.layer, sector, side,          core::is_barrel(plane.layer), {}, {},
              {},          {},     plane.y_origin};
  const double depth = is_large(sector) ? plane.large : plane.small;
  const double c = std::cos(sector_phi(sector)), s = std::sin(sector_phi(sector));
  if (frame.barrel) {
    frame.y_origin = side * plane.y_origin;
    frame.origin = {depth * c, depth * s, frame.y_origin};
    frame.axis_x = {-s, c, 0};
    frame.axis_y = {0, 0, 1};
    frame.axis_z = {c, s, 0};
  } else {
    frame.origin = {plane.y_origin * c, plane.y_origin * s, side * depth};
    frame.axis_x = {side * s, -side * c, 0};
    frame.axis_y = {c, s, 0};
    frame.axis_z = {0, 0, static_cast<double>(side)};
  }
  return frame;
}

}  // namespace

Vector3 Frame::to_global(const Vector3& local) const {
  return {origin.x + local.x * axis_x.x + local.y * axis_y.x + local.z * axis_z.x,
          origin.y + local.x * axis_x.y + local.y * axis_y.y + local.z * axis_z.y,
          origin.z + local.x * axis_x.z + local.y * axis_y.z + local.z * axis_z.z};
}

Vector3 Frame::to_local(const Vector3& global) const {
  const Vector3 d{global.x - origin.x, global.y - origin.y, global.z - origin.z};
  return {dot(d, axis_x), dot(d, axis_y), dot(d, axis_z)};
}

double Chamber::phi_strip_x(int channel, double y) const {
  const double low = x_low(y), high = x_high(y);
  return low + (high - low) * (channel - 0.5) / n_phi_channels;
}

int Chamber::phi_strip_at(double x, double y) const {
  const double low = x_low(y), high = x_high(y);
  const int channel = 1 + static_cast<int>(std::floor((x - low) / (high - low) * n_phi_channels));
  return std::clamp(channel, 1, static_cast<int>(n_phi_channels));
}

Detector::Detector(Geometry geometry, const Misalignment& misalignment)
    : geometry_(std::move(geometry)) {
  check(geometry_);
  for (const FramePlane& plane : geometry_.planes)
    for (int sector = 1; sector <= n_sectors; ++sector)
      for (const int side : {1, -1}) frames_.push_back(make_frame(plane, sector, side));
  for (std::size_t spec = 0; spec < geometry_.stations.size(); ++spec) add_station(spec);
  const auto key = [](const Chamber& c) {
    return std::tuple(c.technology, c.station_index, c.station_eta, c.station_phi);
  };
  // Chambers in a fixed order make the result independent of the order of the table of stations.
  std::sort(chambers_.begin(), chambers_.end(),
            [&](const Chamber& a, const Chamber& b) { return key(a) < key(b); });
  shift_chambers(misalignment);
  members_.resize(frames_.size());
  for (std::size_t i = 0; i < chambers_.size(); ++i) members_[chambers_[i].frame].push_back(i);
}

void Detector::shift_chambers(const Misalignment& misalignment) {
  for (std::size_t i = 0; i < chambers_.size(); ++i) {
    Random random(misalignment.seed, i, Stream::chamber_shift);
    const auto draw = [&] { return misalignment.shift * random.normal(); };
    const double x = draw(), y = draw(), z = draw();
    chambers_[i].shift = {x, y, z};
  }
}

void Detector::add_station(std::size_t index) {
  const StationSpec& spec = geometry_.stations[index];
  for (const int side : {1, -1}) {
    for (int phi = 1; phi <= spec.n_phi; ++phi) {
      const int sector =
          core::sector(spec.technology, spec.station_index, static_cast<std::uint8_t>(phi));
      if ((spec.sectors >> (sector - 1) & 1U) == 0) continue;
      add_chamber(index, sector, side, phi,
                  std::remainder(2 * pi * (phi - 1) / spec.n_phi - sector_phi(sector), 2 * pi));
    }
    // TGC stations have chambers of their own number around phi; the others have one chamber per
    // sector.
    if (spec.n_phi > 0) continue;
    for (int sector = 1; sector <= n_sectors; ++sector)
      if ((spec.sectors >> (sector - 1) & 1U) != 0)
        add_chamber(index, sector, side, (sector + 1) / 2, 0.0);
  }
}

void Detector::add_chamber(std::size_t index, int sector, int side, int station_phi, double angle) {
  const StationSpec& spec = geometry_.stations[index];
  const std::size_t frame_number =
      frame_index(core::station_layer(spec.station_index), sector, side);
  const Frame& frame = frames_[frame_number];
  const double length = (spec.y_high - spec.y_low) / spec.n_eta;
  for (int ring = 0; ring < spec.n_eta; ++ring) {
    Chamber chamber;
    chamber.spec = index;
    chamber.frame = frame_number;
    chamber.technology = spec.technology;
    chamber.station_index = spec.station_index;
    chamber.station_phi = static_cast<std::uint8_t>(station_phi);
    chamber.station_eta = static_cast<std::int8_t>(side * (spec.first_eta + ring));
    chamber.barrel = spec.barrel;
    chamber.pitch = spec.pitch;
    const double near = spec.y_low + ring * length, far = near + length;
    // On the negative side of the barrel the chamber nearest to the middle has the highest z.
    const double low = spec.barrel && side < 0 ? -far : near;
    // Whole channels, centered; the small addend protects a channel from being lost to rounding.
    chamber.n_channels = static_cast<std::uint16_t>(length / spec.pitch + 1e-6);
    const double margin = (length - chamber.n_channels * spec.pitch) / 2;
    chamber.y_low = low + margin - frame.y_origin;
    chamber.y_high = chamber.y_low + chamber.n_channels * spec.pitch;
    chamber.radius_origin = frame.y_origin;
    // Local x of the end-cap runs against phi on the positive side and along it on the negative
    // one.
    const double center = -side * angle;
    chamber.edge_low = spec.barrel ? -spec.half_width : std::tan(center - spec.half_width);
    chamber.edge_high = spec.barrel ? spec.half_width : std::tan(center + spec.half_width);
    const double y_middle = (chamber.y_low + chamber.y_high) / 2;
    const double width = chamber.x_high(y_middle) - chamber.x_low(y_middle);
    chamber.n_phi_channels = static_cast<std::uint16_t>(
        spec.phi_pitch > 0 ? std::max(1.0, width / spec.phi_pitch) : 0.0);
    chambers_.push_back(chamber);
  }
}

std::size_t Detector::frame_index(core::StationLayer layer, int sector, int side) const {
  const auto found = std::find_if(frames_.begin(), frames_.end(), [&](const Frame& f) {
    return f.layer == layer && f.sector == sector && f.side == side;
  });
  assert(found != frames_.end());
  return static_cast<std::size_t>(found - frames_.begin());
}

double Detector::channel_y(const Chamber& chamber, std::size_t layer, int channel) const {
  // Tubes of neighboring layers are staggered by half a pitch, a quarter to each side of the
  // middle.
  const bool shifted = chamber.technology == core::Technology::mdt && layer % 2 == 1;
  return chamber.y_low + (channel - 0.5 +
                          (shifted                                       ? 0.25
                           : chamber.technology == core::Technology::mdt ? -0.25
                                                                         : 0.0)) *
                             chamber.pitch;
}

int Detector::channel_at(const Chamber& chamber, std::size_t layer, double y) const {
  return 1 + static_cast<int>(std::floor((y - channel_y(chamber, layer, 1)) / chamber.pitch + 0.5));
}

}  // namespace stationhit::simulation
