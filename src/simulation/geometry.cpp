// A simplified table of the stations of the muon spectrometer: one entry per station with its
// sectors, its range along the precision coordinate, the number of chambers and the local z of its
// layers in mm. Numbers are rounded from the published layout; what matters is that chambers,
// layers and channels are of the right number and size.
#include <cmath>
#include <numbers>

#include <stationhit/simulation/detector.hpp>

namespace stationhit::simulation {
namespace {

using core::StationLayer;
using core::Technology;

constexpr std::uint32_t large_sectors = 0x5555U, small_sectors = 0xAAAAU, all_sectors = 0xFFFFU;
constexpr std::uint32_t feet_sectors =
    1U << 11U | 1U << 13U;  // 12 and 14: the feet of the magnet leave room for other chambers only

constexpr double tube_pitch = 30.035, layer_pitch = 26.011;

double degrees(double angle) { return angle * std::numbers::pi / 180; }

// Two multilayers of n tube layers, centered at local z = -+distance.
std::vector<double> multilayers(int n, double distance) {
  std::vector<double> layers;
  for (const double center : {-distance, distance})
    for (int i = 0; i < n; ++i) layers.push_back(center + (i - (n - 1) / 2.0) * layer_pitch);
  return layers;
}

// n gaps around every center, `spacing` apart.
std::vector<double> gaps(std::initializer_list<double> centers, int n, double spacing) {
  std::vector<double> layers;
  for (const double center : centers)
    for (int i = 0; i < n; ++i) layers.push_back(center + (i - (n - 1) / 2.0) * spacing);
  return layers;
}

// Upper limit of a station whose tubes fill n_eta chambers, so that neighboring chambers leave no
// gap.
double filled(double low, double high, int n_eta) {
  return low + n_eta * std::round((high - low) / n_eta / tube_pitch) * tube_pitch;
}

void add_barrel(Geometry& geometry) {
  const auto mdt = [&](std::uint8_t station, std::uint32_t sectors, double z_low, double z_high,
                       int n_eta, double half, std::vector<double> layers) {
    geometry.stations.push_back({Technology::mdt, station, true, sectors, 0, z_low,
                                 filled(z_low, z_high, n_eta), n_eta, 1, half, std::move(layers),
                                 tube_pitch, 0});
  };
  mdt(0, large_sectors, 150, 6600, 6, 1225, multilayers(4, 137));                     // BIL
  mdt(1, small_sectors, 50, 7000, 8, 800, multilayers(4, 67));                        // BIS
  mdt(2, large_sectors, 150, 9600, 6, 1665, multilayers(3, 199.53));                  // BML
  mdt(3, small_sectors & ~feet_sectors, 50, 9500, 6, 1395, multilayers(3, 126.03));   // BMS
  mdt(8, feet_sectors, 900, 9500, 3, 1350, multilayers(3, 126.03));                   // BMF
  mdt(4, large_sectors, 150, 12900, 6, 2265, multilayers(3, 199.53));                 // BOL
  mdt(5, small_sectors & ~feet_sectors, 50, 12900, 6, 1775, multilayers(3, 199.53));  // BOS
  mdt(9, feet_sectors, 900, 12900, 4, 1720, multilayers(3, 199.53));                  // BOF
  const auto rpc = [&](std::uint8_t station, std::uint32_t sectors, double z_low, double z_high,
                       int n_eta, double half, std::vector<double> layers) {
    geometry.stations.push_back({Technology::rpc, station, true, sectors, 0, z_low, z_high, n_eta,
                                 1, half, std::move(layers), 26, 35});
  };
  rpc(2, large_sectors, 150, 9400, 6, 1660, gaps({-340, 340}, 2, 40));
  rpc(3, small_sectors & ~feet_sectors, 50, 9300, 6, 1390, gaps({-270, 270}, 2, 40));
  rpc(8, feet_sectors, 900, 9300, 3, 1345, gaps({-270, 270}, 2, 40));
  rpc(4, large_sectors, 150, 13500, 6, 2265, gaps({360}, 2, 40));
  rpc(5, small_sectors & ~feet_sectors, 50, 12650, 6, 1715, gaps({-360}, 2, 40));
  rpc(9, feet_sectors, 900, 12650, 4, 1660, gaps({-360}, 2, 40));
}

void add_end_cap_mdt(Geometry& geometry) {
  const auto mdt = [&](std::uint8_t station, std::uint32_t sectors, double r_low, double r_high,
                       int n_eta, int first, double half, std::vector<double> layers) {
    geometry.stations.push_back({Technology::mdt, station, false, sectors, 0, r_low,
                                 filled(r_low, r_high, n_eta), n_eta, first, degrees(half),
                                 std::move(layers), tube_pitch, 0});
  };
  mdt(49, large_sectors, 4700, 6500, 1, 4, 12.8, multilayers(4, 137));      // EIL
  mdt(15, large_sectors, 5900, 8500, 1, 1, 12.6, multilayers(3, 102.015));  // EEL
  mdt(17, large_sectors, 1750, 11900, 5, 1, 12.5, multilayers(3, 126.03));  // EML
  mdt(18, small_sectors, 1750, 11900, 5, 1, 9.9, multilayers(3, 126.03));   // EMS
  mdt(20, large_sectors, 2700, 12400, 6, 1, 12.4, multilayers(3, 126.03));  // EOL
  mdt(21, small_sectors, 2700, 12400, 6, 1, 9.9, multilayers(3, 126.03));   // EOS
}

void add_tgc(Geometry& geometry) {
  // z is relative to the plane of the sector's middle wheel, which is 400 mm nearer in small
  // sectors.
  const auto tgc = [&](std::uint8_t station, std::uint32_t sectors, int n_phi, double r_low,
                       double r_high, int n_eta, double z, int n_gaps) {
    // T1 to T3 are closed around phi; T4 has gaps between its chambers.
    const double half_angle = station == 48 ? degrees(3.5) : std::numbers::pi / n_phi;
    geometry.stations.push_back({Technology::tgc, station, false, sectors, n_phi, r_low, r_high,
                                 n_eta, 1, half_angle, gaps({z}, n_gaps, 30), 36, 45});
  };
  tgc(41, all_sectors, 24, 1950, 4300, 1, -700, 3);    // T1F
  tgc(42, all_sectors, 48, 4300, 10800, 4, -700, 3);   // T1E
  tgc(43, all_sectors, 24, 2130, 4700, 1, 600, 2);     // T2F
  tgc(44, all_sectors, 48, 4700, 11800, 5, 600, 2);    // T2E
  tgc(45, all_sectors, 24, 2190, 4830, 1, 1000, 2);    // T3F
  tgc(46, all_sectors, 48, 4830, 12100, 5, 1000, 2);   // T3E
  tgc(48, large_sectors, 21, 4500, 6100, 1, -450, 2);  // T4E
}

void add_new_small_wheel(Geometry& geometry) {
  const std::vector<double> stgc = gaps({-170, 170}, 4, 11), mm = gaps({-40, 40}, 4, 17);
  geometry.stations.push_back({Technology::stgc, 58, false, large_sectors, 0, 930, 4600, 3, 1,
                               degrees(13.0), stgc, 3.2, 60});
  geometry.stations.push_back({Technology::stgc, 57, false, small_sectors, 0, 930, 4500, 3, 1,
                               degrees(9.0), stgc, 3.2, 60});
  geometry.stations.push_back(
      {Technology::mm, 56, false, large_sectors, 0, 930, 4600, 2, 1, degrees(13.0), mm, 0.45, 0});
  geometry.stations.push_back(
      {Technology::mm, 55, false, small_sectors, 0, 930, 4500, 2, 1, degrees(9.0), mm, 0.425, 0});
}

}  // namespace

Geometry default_geometry() {
  Geometry geometry;
  geometry.planes = {{StationLayer::bi, 4950, 4550, 3300},  {StationLayer::bm, 7100, 8000, 4800},
                     {StationLayer::bo, 9500, 10570, 6500}, {StationLayer::ee, 11300, 10300, 7000},
                     {StationLayer::ei, 7600, 7250, 3000},  {StationLayer::em, 14300, 13900, 6800},
                     {StationLayer::eo, 21500, 21900, 7500}};
  add_barrel(geometry);
  add_end_cap_mdt(geometry);
  add_tgc(geometry);
  add_new_small_wheel(geometry);
  return geometry;
}

}  // namespace stationhit::simulation
