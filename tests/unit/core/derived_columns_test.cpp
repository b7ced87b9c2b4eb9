#include <gtest/gtest.h>
#include <support/random_event.hpp>

#include <stationhit/core/buckets.hpp>
#include <stationhit/core/derived_columns.hpp>

namespace stationhit::core {
namespace {

struct Point {
  float x, y, z;
};

// A hit of the positive side in sector 1 (large chambers) between two ends.
HitTable make_hit(std::uint8_t station, const Point& low, const Point& high) {
  HitTable hits;
  resize(hits, 1);
  hits.station_index[0] = station;
  hits.station_phi[0] = 1;
  hits.edge_low_x[0] = low.x;
  hits.edge_low_y[0] = low.y;
  hits.edge_low_z[0] = low.z;
  hits.edge_high_x[0] = high.x;
  hits.edge_high_y[0] = high.y;
  hits.edge_high_z[0] = high.z;
  return hits;
}

bool measures_only_phi(HitTable hits) {
  derive_measured_coordinates(hits);
  EXPECT_NE(hits.meas_eta[0], hits.meas_phi[0]);
  return is_phi_only(hits, 0);
}

constexpr std::uint8_t bml = 2, eml = 17, stl = 58;

TEST(DerivedColumns, PositionsAreInTheMiddleOfTheEnds) {
  HitTable hits = make_hit(bml, {1, -5, 100}, {2, 5, 100});
  derive_global_positions(hits);
  EXPECT_EQ(hits.glob_x, std::vector<float>{1.5F});
  EXPECT_EQ(hits.glob_y, std::vector<float>{0.0F});
  EXPECT_EQ(hits.glob_z, std::vector<float>{100.0F});
  hits = make_hit(bml, {3e38F, 0, 0}, {3e38F, 0, 0});
  derive_global_positions(hits);
  EXPECT_EQ(hits.glob_x, std::vector<float>{3e38F});
}

TEST(DerivedColumns, StripsAlongThePrecisionCoordinateMeasurePhi) {
  // In the barrel that is the beam axis, in the end-cap the radius.
  EXPECT_FALSE(measures_only_phi(make_hit(bml, {7500, -900, 500}, {7500, 900, 500})));
  EXPECT_TRUE(measures_only_phi(make_hit(bml, {7500, 10, 0}, {7500, 10, 1200})));
  EXPECT_FALSE(measures_only_phi(make_hit(eml, {4000, -800, 14000}, {4000, 800, 14000})));
  EXPECT_TRUE(measures_only_phi(make_hit(eml, {3000, 300, 14000}, {5000, 500, 14000})));
  // Stereo strips are slightly tilted.
  EXPECT_FALSE(measures_only_phi(make_hit(stl, {2000, -500, 7400}, {2025, 500, 7400})));
  // A point has no direction.
  EXPECT_FALSE(measures_only_phi(make_hit(bml, {7500, 0, 0}, {7500, 0, 0})));
}

TEST(DerivedColumns, EveryHitGetsOne) {
  HitTable hits = stationhit::test::random_event(5, 300, 2).hits;
  derive_measured_coordinates(hits);
  for (std::size_t i = 0; i < hits.size(); ++i) EXPECT_EQ(hits.meas_eta[i] + hits.meas_phi[i], 1);
}

}  // namespace
}  // namespace stationhit::core
