#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include <stationhit/simulation/background.hpp>

#include "toy_detector.hpp"

namespace stationhit::simulation {
namespace {

EventRecord background(const BackgroundConfig& config, double activity, std::uint64_t event = 0) {
  const Digitizer digitizer(detector(), {});
  Random random(1, event, Stream::background);
  EventRecord record;
  Background(detector(), digitizer, config)(activity, random, record);
  return record;
}

BackgroundConfig only_conversions(core::Technology technology, core::StationLayer layer, double n,
                                  double slope) {
  BackgroundConfig config;
  config.conversions = {{technology, layer, n, slope}};
  return config;
}

TEST(Background, IsProportionalToTheActivityAndAbsentWithoutIt) {
  const auto cells = [](double activity) {
    std::size_t n = 0;
    for (std::uint64_t event = 0; event < 10; ++event)
      n += background(default_background(), activity, event).cells.size();
    return static_cast<double>(n);
  };
  EXPECT_EQ(cells(0), 0);
  const double full = cells(1);
  EXPECT_NEAR(cells(0.5) / full, 0.5, 0.02);
  EXPECT_NEAR(cells(1.25) / full, 1.25, 0.03);
}

// A track has any distance from the wire with the same probability; the electron of a photon starts
// at the wall and may stop before it comes near.
TEST(Background, DriftRadiiOfConversionsAreThoseOfShortRandomChords) {
  const EventRecord record =
      background(only_conversions(core::Technology::mdt, core::StationLayer::bi, 20000, 0), 1);
  std::vector<double> radii;
  for (const Cell& cell : record.cells) radii.push_back(cell.drift_r);
  ASSERT_GT(radii.size(), 10000U);
  const double mean =
      std::accumulate(radii.begin(), radii.end(), 0.0) / static_cast<double>(radii.size());
  EXPECT_GT(mean, 8.3) << "tracks: 7.3 mm";
  EXPECT_LT(*std::min_element(radii.begin(), radii.end()), 0.5);
  EXPECT_GT(*std::max_element(radii.begin(), radii.end()), 14.0);
}

TEST(Background, AConversionFiresNeighboringTubesAndLayers) {
  const EventRecord record =
      background(only_conversions(core::Technology::mdt, core::StationLayer::em, 5000, 1.5), 1);
  std::vector<std::uint32_t> cells(record.particles.size());
  std::vector<bool> two_layers(record.particles.size());
  std::vector<int> layer(record.particles.size(), -1);
  for (const Cell& cell : record.cells) {
    ++cells[cell.particle];
    two_layers[cell.particle] = two_layers[cell.particle] ||
                                (layer[cell.particle] >= 0 && layer[cell.particle] != cell.layer);
    layer[cell.particle] = cell.layer;
  }
  const auto share = [&](auto count) {
    return static_cast<double>(count) / static_cast<double>(cells.size());
  };
  EXPECT_GT(
      share(std::count_if(cells.begin(), cells.end(), [](std::uint32_t n) { return n >= 2; })),
      0.15);
  EXPECT_GT(share(std::count(two_layers.begin(), two_layers.end(), true)), 0.08);
}

TEST(Background, TheDensityInTheEndCapFallsAsAPowerOfTheRadius) {
  const EventRecord record =
      background(only_conversions(core::Technology::stgc, core::StationLayer::ei, 20000, 1.8), 1);
  double inner = 0, outer = 0;  // per channel, 1.0 .. 1.5 m and 3.5 .. 4.0 m
  for (const Cell& cell : record.cells) {
    const Chamber& chamber = detector().chambers()[cell.chamber];
    const double radius =
        detector().channel_y(chamber, cell.layer, cell.channel) + chamber.radius_origin;
    inner += radius > 1000 && radius < 1500 ? 1 : 0;
    outer += radius > 3500 && radius < 4000 ? 1 : 0;
  }
  EXPECT_NEAR(inner / outer, std::pow(3750.0 / 1250.0, 1.8), 1.2);
}

TEST(Background, CavernTracksCrossOneStationAndPointAnywhere) {
  BackgroundConfig config;
  config.tracks = {{core::StationLayer::bm, 2000, 0.9}};
  const EventRecord record = background(config, 1);
  for (const Cell& cell : record.cells)
    ASSERT_EQ(detector().frames()[detector().chambers()[cell.chamber].frame].layer,
              core::StationLayer::bm);
  const auto like = std::count_if(record.particles.begin(), record.particles.end(),
                                  [](const Particle& p) { return p.muon_like; });
  EXPECT_GT(like, 0);
  EXPECT_LT(like, 100) << "few of the whole ones point to the interaction region";
  for (const Particle& particle : record.particles)
    EXPECT_EQ(particle.origin, Origin::cavern_track);
}

}  // namespace
}  // namespace stationhit::simulation
