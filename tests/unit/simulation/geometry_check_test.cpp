#include <functional>
#include <string>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/simulation/detector.hpp>

namespace stationhit::simulation {
namespace {

// The error message of the detector for the default geometry after a change of the station with
// this code and technology.
std::string message_after(std::uint8_t station, core::Technology technology,
                          const std::function<void(StationSpec&)>& change) {
  Geometry geometry = default_geometry();
  for (StationSpec& spec : geometry.stations)
    if (spec.station_index == station && spec.technology == technology) change(spec);
  return test::error_of<core::ConfigError>([&] { const Detector detector(geometry); });
}

constexpr auto mdt = core::Technology::mdt;
constexpr auto rpc = core::Technology::rpc;
constexpr std::uint8_t bml = 2, eml = 17;

TEST(GeometryCheck, AcceptsTheDefault) {
  EXPECT_EQ(message_after(bml, mdt, [](StationSpec&) {}), "");
}

TEST(GeometryCheck, NamesStationsThatOverlap) {
  EXPECT_EQ(message_after(bml, rpc,
                          [](StationSpec& spec) {
                            spec.layers = {-200, -160};
                          }),
            "geometry, MDT station BML: overlaps RPC station BML: layers at local z = -199.53 and "
            "-200 mm in the same sectors and range; move one of them");
}

TEST(GeometryCheck, NamesLayersThatOverlap) {
  EXPECT_EQ(message_after(bml, mdt,
                          [](StationSpec& spec) {
                            spec.layers = {0, 20};
                          }),
            "geometry, MDT station BML: layers 1 and 2 overlap: they are 20 mm apart, at least 26 "
            "are needed, in ascending order");
}

TEST(GeometryCheck, NamesRangesAndSizesThatMakeNoSense) {
  EXPECT_EQ(message_after(bml, mdt, [](StationSpec& spec) { spec.y_high = 100; }),
            "geometry, MDT station BML: y_low = 150, y_high = 100: the covered range must be "
            "positive and ascending");
  EXPECT_EQ(
      message_after(bml, mdt, [](StationSpec& spec) { spec.pitch = 0; }),
      "geometry, MDT station BML: n_eta = 6, pitch = 0: a chamber must hold at least one channel");
  EXPECT_EQ(message_after(eml, mdt, [](StationSpec& spec) { spec.half_width = 0.5; }),
            "geometry, MDT station EML: half_width = 0.5: it must be positive, in the end-cap "
            "(rad) at most 0.39269908169872414");
  EXPECT_EQ(message_after(bml, mdt, [](StationSpec& spec) { spec.layers.clear(); }),
            "geometry, MDT station BML: it has no layers");
}

TEST(GeometryCheck, NamesAStationWithoutPlane) {
  Geometry geometry = default_geometry();
  std::erase_if(geometry.planes,
                [](const FramePlane& plane) { return plane.layer == core::StationLayer::bi; });
  EXPECT_EQ(test::config_error([&] { check(geometry); }),
            "geometry, MDT station BIL: there is no plane for its station layer BI");
}

}  // namespace
}  // namespace stationhit::simulation
