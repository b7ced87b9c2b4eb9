#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include <stationhit/simulation/detector.hpp>
#include <stationhit/simulation/random.hpp>

#include "toy_detector.hpp"

namespace stationhit::simulation {
namespace {

TEST(Frame, GlobalToLocalAndBackIsTheIdentity) {
  Random random(1, 0, Stream::header);
  for (const Frame& frame : detector().frames()) {
    const Vector3 local{random.uniform(-2000, 2000), random.uniform(-5000, 5000),
                        random.uniform(-500, 500)};
    const Vector3 back = frame.to_local(frame.to_global(local));
    EXPECT_NEAR(back.x, local.x, 1e-8);
    EXPECT_NEAR(back.y, local.y, 1e-8);
    EXPECT_NEAR(back.z, local.z, 1e-8);
  }
}

TEST(Frame, IsRightHandedWithZAwayFromTheInteractionPoint) {
  for (const Frame& frame : detector().frames()) {
    const Vector3 &x = frame.axis_x, &y = frame.axis_y, &z = frame.axis_z;
    EXPECT_NEAR(x.y * y.z - x.z * y.y, z.x, 1e-12);
    EXPECT_NEAR(x.z * y.x - x.x * y.z, z.y, 1e-12);
    EXPECT_NEAR(x.x * y.y - x.y * y.x, z.z, 1e-12);
    EXPECT_GT(frame.origin.x * z.x + frame.origin.y * z.y + frame.origin.z * z.z, 4000)
        << "distance of the plane";
  }
}

TEST(Frame, PrecisionAxisIsGlobalZInTheBarrelAndTheRadiusOnTheSectorAxisInTheEndCap) {
  for (const Frame& frame : detector().frames()) {
    const Vector3 point = frame.to_global({123, 456, 78});
    const double phi = (frame.sector - 1) * std::numbers::pi / 8;
    const double expected =
        frame.barrel ? point.z : point.x * std::cos(phi) + point.y * std::sin(phi);
    EXPECT_NEAR(456 + frame.y_origin, expected, 1e-8);
    EXPECT_EQ(frame.origin.z > 0 ? 1 : -1, frame.side);
  }
}

TEST(Chamber, IsInItsSectorAndOnItsSide) {
  for (const Chamber& chamber : detector().chambers()) {
    const Frame& frame = detector().frames()[chamber.frame];
    EXPECT_EQ(core::sector(chamber.technology, chamber.station_index, chamber.station_phi),
              frame.sector);
    EXPECT_EQ(core::station_layer(chamber.station_index), frame.layer);
    const double y = (chamber.y_low + chamber.y_high) / 2;
    const Vector3 center = frame.to_global(
        {(chamber.x_low(y) + chamber.x_high(y)) / 2, y, detector().layers(chamber).front()});
    EXPECT_GT(center.z * chamber.station_eta, 0);
    const double phi = std::atan2(center.y, center.x),
                 axis = (frame.sector - 1) * std::numbers::pi / 8;
    EXPECT_LT(std::abs(std::remainder(phi - axis, 2 * std::numbers::pi)),
              std::numbers::pi / 16 + 1e-9);
    if (chamber.technology != core::Technology::tgc) continue;
    // Tables count TGC chambers around phi from phi = 0, on both sides in the same sense.
    const double n_phi = chamber.station_index == 48      ? 21
                         : chamber.station_index % 2 == 1 ? 24
                                                          : 48;
    EXPECT_NEAR(std::remainder(phi - 2 * std::numbers::pi * (chamber.station_phi - 1) / n_phi,
                               2 * std::numbers::pi),
                0, 0.01)
        << "up to the curvature of the arc";
  }
}

TEST(Chamber, ChannelsTileItAndAreFoundAgain) {
  for (const Chamber& chamber : detector().chambers()) {
    for (std::size_t layer = 0; layer < detector().layers(chamber).size(); ++layer) {
      for (const int channel : {1, 2, static_cast<int>(chamber.n_channels)}) {
        const double y = detector().channel_y(chamber, layer, channel);
        EXPECT_GE(y - chamber.pitch / 2, chamber.y_low - 0.26 * chamber.pitch);
        EXPECT_LE(y + chamber.pitch / 2, chamber.y_high + 0.26 * chamber.pitch);
        EXPECT_EQ(detector().channel_at(chamber, layer, y + 0.49 * chamber.pitch), channel);
        EXPECT_EQ(detector().channel_at(chamber, layer, y - 0.49 * chamber.pitch), channel);
      }
    }
    if (chamber.n_phi_channels == 0) continue;
    for (const int channel : {1, static_cast<int>(chamber.n_phi_channels)})
      EXPECT_EQ(chamber.phi_strip_at(chamber.phi_strip_x(channel, chamber.y_low), chamber.y_low),
                channel);
  }
}

TEST(Chamber, NeighboringTubeLayersAreShiftedByHalfAPitch) {
  for (const Chamber& chamber : detector().chambers()) {
    if (chamber.technology != core::Technology::mdt) continue;
    EXPECT_NEAR(detector().channel_y(chamber, 1, 5) - detector().channel_y(chamber, 0, 5),
                30.035 / 2, 1e-9);
    EXPECT_NEAR(detector().layers(chamber)[1] - detector().layers(chamber)[0], 26.011, 1e-9);
  }
}

}  // namespace
}  // namespace stationhit::simulation
