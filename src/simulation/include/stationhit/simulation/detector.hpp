// The chambers of the toy spectrometer and their positions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <stationhit/core/technology.hpp>

namespace stationhit::simulation {

struct Vector3 {
  double x = 0, y = 0, z = 0;
};

// The chamber frame: one for all chambers of a station layer, sector and side, as buckets are.
// Local x runs along tubes and strips, y along the precision axis (barrel: global z; end-cap: the
// radius projected on the sector's axis), z out of the plane, away from the beam line in the barrel
// and from the interaction point in the end-cap. Right-handed.
struct Frame {
  core::StationLayer layer = core::StationLayer::unknown;
  int sector = 0;  // 1 .. 16
  int side = 1;    // +-1
  bool barrel = true;
  Vector3 origin, axis_x, axis_y, axis_z;
  double y_origin =
      0;  // mm, precision coordinate (barrel: global z, end-cap: radius) of the origin

  [[nodiscard]] Vector3 to_global(const Vector3& local) const;
  [[nodiscard]] Vector3 to_local(const Vector3& global) const;
};

// One row of the geometry table: equal chambers around phi and on both sides. Lengths in mm, angles
// in rad.
struct StationSpec {
  core::Technology technology = core::Technology::mdt;
  std::uint8_t station_index = 0;  // code of core/technology.hpp
  bool barrel = true;
  std::uint32_t sectors = 0;  // bit s - 1 set: there are chambers in sector s
  int n_phi = 0;  // TGC: chambers around phi, each in the sector that contains its center; 0 = one
                  // per sector
  double y_low = 0, y_high = 0;  // covered |z| (barrel) or radius (end-cap)
  int n_eta =
      1;  // chambers along the precision axis, stationEta first_eta .. first_eta + n_eta - 1
  int first_eta = 1;
  double half_width =
      0;  // barrel: half the length of a tube or strip; end-cap: half the opening angle in rad
  std::vector<double>
      layers;        // position of the layers along the normal, relative to the plane of the frame
  double pitch = 0;  // of tubes, strips or wire groups along the precision axis
  double phi_pitch = 0;  // of phi strips; 0 = no phi measurement
};

// Position of a frame's plane: radius (barrel) or |z| (end-cap), and the precision coordinate of
// its origin.
struct FramePlane {
  core::StationLayer layer = core::StationLayer::unknown;
  double large = 0, small = 0;  // mm, in large and small sectors
  double y_origin = 0;          // mm
};

struct Geometry {
  std::vector<FramePlane> planes;
  std::vector<StationSpec> stations;
};

// Throws ConfigError naming station and values: ranges that are empty or descend, layers or
// stations that overlap, a station without plane.
void check(const Geometry& geometry);

// The geometry described in docs/simulation.md.
[[nodiscard]] Geometry default_geometry();

// Chambers stand a little beside their written positions: normal, the same for all events.
struct Misalignment {
  double shift = 0;  // mm, sigma along each axis of the frame
  std::uint64_t seed = 2029;
};

struct Chamber {
  std::size_t spec = 0, frame = 0;  // indices into Geometry::stations and Detector::frames()
  core::Technology technology = core::Technology::mdt;
  std::uint8_t station_index = 0, station_phi = 0;
  std::int8_t station_eta = 0;
  double y_low = 0, y_high = 0;  // mm, local, covered by channels
  double edge_low = 0,
         edge_high =
             0;  // sides: barrel local x in mm; end-cap tangent of the angle to the sector's axis
  bool barrel = true;
  double radius_origin = 0;  // mm, end-cap: radius at local y = 0
  std::uint16_t n_channels = 0, n_phi_channels = 0;
  double pitch = 0;
  Vector3 shift;  // mm, local: true position minus the one that all other members describe

  // Sides of the sensitive area at local y.
  [[nodiscard]] double x_low(double y) const {
    return barrel ? edge_low : (y + radius_origin) * edge_low;
  }
  [[nodiscard]] double x_high(double y) const {
    return barrel ? edge_high : (y + radius_origin) * edge_high;
  }
  // Local x of the center of phi strip `channel` (1 ..) at local y; strips of the end-cap are
  // radial.
  [[nodiscard]] double phi_strip_x(int channel, double y) const;
  // The phi strip at (x, y), 1 .. n_phi_channels; clamped.
  [[nodiscard]] int phi_strip_at(double x, double y) const;
};

class Detector {
 public:
  // Throws as check() does.
  explicit Detector(Geometry geometry, const Misalignment& misalignment = {});

  [[nodiscard]] std::span<const Frame> frames() const { return frames_; }
  // Ordered by (technology, station, stationEta, stationPhi).
  [[nodiscard]] std::span<const Chamber> chambers() const { return chambers_; }
  [[nodiscard]] std::span<const std::size_t> chambers_of_frame(std::size_t frame) const {
    return members_[frame];
  }
  [[nodiscard]] std::span<const double> layers(const Chamber& chamber) const {
    return geometry_.stations[chamber.spec].layers;
  }

  // Distance along local y of wire or strip `channel` (1 ..) of a layer from the chamber's first
  // edge: tubes of odd layers are shifted by half a pitch.
  [[nodiscard]] double channel_y(const Chamber& chamber, std::size_t layer, int channel) const;
  // Number of the channel whose cell holds local y, may lie outside 1 .. n_channels.
  [[nodiscard]] int channel_at(const Chamber& chamber, std::size_t layer, double y) const;

 private:
  void shift_chambers(const Misalignment& misalignment);
  void add_station(std::size_t spec);
  void add_chamber(std::size_t spec, int sector, int side, int station_phi, double angle);
  [[nodiscard]] std::size_t frame_index(core::StationLayer layer, int sector, int side) const;

  Geometry geometry_;
  std::vector<Frame> frames_;
  std::vector<Chamber> chambers_;
  std::vector<std::vector<std::size_t>> members_;
};

}  // namespace stationhit::simulation
