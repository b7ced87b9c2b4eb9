#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include <stationhit/simulation/ray.hpp>

#include "toy_detector.hpp"

namespace stationhit::simulation {
namespace {

const Frame& frame_of(core::StationLayer layer, int sector) {
  const auto frames = detector().frames();
  return *std::find_if(frames.begin(), frames.end(), [&](const Frame& f) {
    return f.layer == layer && f.sector == sector && f.side == 1;
  });
}

// The line from the interaction point through the origin of the frame.
Line from_interaction(const Frame& frame) {
  const Vector3 origin = frame.to_local({0, 0, 0});
  return {0, 0, origin.x / origin.z, origin.y / origin.z};
}

Vector3 place_of(const FrameCrossing& crossing) {
  return detector().frames()[crossing.frame].to_global({crossing.line.x, crossing.line.y, 0});
}

TEST(Ray, AlongALineIsItsContinuationInGlobalCoordinates) {
  const Frame& frame = frame_of(core::StationLayer::bm, 5);
  const Ray ray = ray_along(frame, from_interaction(frame), 1);
  // Sector 5 is at phi = 90 degrees: the path has x = 0 and constant z / y.
  EXPECT_NEAR(ray.start.x, 0, 1e-6);
  EXPECT_NEAR(ray.direction.x, 0, 1e-6);
  EXPECT_NEAR(ray.direction.z / ray.direction.y, ray.start.z / ray.start.y, 1e-6);
  EXPECT_GT(ray.direction.y, 0);
  EXPECT_LT(ray_along(frame, from_interaction(frame), -1).direction.y, 0);
}

TEST(Ray, CrossesTheFramesOfTheStationAheadWithinItsReach) {
  const Frame& frame = frame_of(core::StationLayer::bm, 5);
  const Ray ray = ray_along(frame, from_interaction(frame), 1);
  const auto crossings = cross_station(detector(), ray, 3, 9000);
  const auto found = std::find_if(crossings.begin(), crossings.end(), [](const FrameCrossing& c) {
    const Frame& f = detector().frames()[c.frame];
    return f.layer == core::StationLayer::bo && f.sector == 5 && f.side == 1;
  });
  ASSERT_NE(found, crossings.end());
  const Vector3 place = place_of(*found);
  EXPECT_NEAR(place.z / place.y, ray.start.z / ray.start.y, 1e-6);
  EXPECT_NEAR(found->line.tx, 0, 1e-6);
  EXPECT_NEAR(found->line.ty, ray.direction.z / ray.direction.y, 1e-6);
  for (const FrameCrossing& crossing : crossings) {
    const Vector3 point = place_of(crossing);
    EXPECT_GT(point.y, ray.start.y) << "ahead";
    EXPECT_LE(std::hypot(point.x - ray.start.x, point.y - ray.start.y, point.z - ray.start.z),
              9000.001);
  }
  EXPECT_TRUE(cross_station(detector(), ray, 3, 1000).empty());
}

TEST(Ray, InwardItCrossesTheInnerStation) {
  const Frame& frame = frame_of(core::StationLayer::bm, 5);
  const Ray ray = ray_along(frame, from_interaction(frame), -1);
  const auto crossings = cross_station(detector(), ray, 1, 4000);
  EXPECT_FALSE(crossings.empty());
  for (const FrameCrossing& crossing : crossings) EXPECT_LT(place_of(crossing).y, ray.start.y);
}

}  // namespace
}  // namespace stationhit::simulation
