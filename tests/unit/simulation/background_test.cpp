#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <numeric>
#include <set>

#include <gtest/gtest.h>

#include <stationhit/simulation/background.hpp>
#include <stationhit/simulation/track_hits.hpp>

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
  config.correlated = uncorrelated_tracks;
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

// The stations (1 to 3) that each particle is seen in.
std::map<std::uint32_t, std::set<int>> stations(const EventRecord& record) {
  std::map<std::uint32_t, std::set<int>> seen;
  for (const Cell& cell : record.cells)
    seen[cell.particle].insert(
        station_number(detector().frames()[detector().chambers()[cell.chamber].frame].layer));
  return seen;
}

TEST(Background, TracksThatGoOnAreSeenInANeighboringStation) {
  BackgroundConfig config;
  config.tracks = {{core::StationLayer::bm, 2000, 0.9}};
  config.correlated = uncorrelated_tracks;
  config.correlated.through_probability = 1;
  config.correlated.through_pointing = 1;
  config.correlated.through_reach = 9000;
  std::map<std::set<int>, std::size_t> kinds;
  for (const auto& [particle, seen] : stations(background(config, 1))) ++kinds[seen];
  const std::size_t one = kinds[{2}], inward = kinds[{1, 2}], outward = kinds[{2, 3}];
  EXPECT_EQ(kinds.count({1, 3}) + kinds.count({1, 2, 3}), 0U);
  EXPECT_GT(inward, one / 2);
  EXPECT_GT(outward, one / 2);
  config.correlated.through_reach = 100;
  for (const auto& [particle, seen] : stations(background(config, 1))) EXPECT_EQ(seen.size(), 1U);
}

TEST(Background, TheTracksOfAShowerAreInOnePlace) {
  BackgroundConfig config;
  config.tracks = {{core::StationLayer::bm, 1000, 0.9}};
  // Share of particles in the chamber of the particle before.
  const auto together = [&](double probability) {
    config.correlated = uncorrelated_tracks;
    config.correlated.shower_probability = probability;
    config.correlated.shower_tracks = 3;
    config.correlated.shower_size = 100;
    const EventRecord record = background(config, 1);
    std::map<std::uint32_t, std::uint32_t> chamber;
    for (const Cell& cell : record.cells) chamber[cell.particle] = cell.chamber;
    double same = 0;
    for (auto next = std::next(chamber.begin()); next != chamber.end(); ++next)
      same += std::prev(next)->second == next->second ? 1 : 0;
    return same / static_cast<double>(chamber.size());
  };
  EXPECT_LT(together(0), 0.1);
  EXPECT_GT(together(1), 0.4);
}

TEST(Background, CorrelatedTracksReplaceOthers) {
  const auto cells = [](const CorrelatedTrackConfig& correlated) {
    BackgroundConfig config = default_background();
    config.conversions.clear();
    config.correlated = correlated;
    double n = 0;
    for (std::uint64_t event = 0; event < 100; ++event)
      n += static_cast<double>(background(config, 1, event).cells.size());
    return n;
  };
  EXPECT_NEAR(cells({}) / cells(uncorrelated_tracks), 1, 0.08);
}

}  // namespace
}  // namespace stationhit::simulation
