#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include <stationhit/simulation/pile_up.hpp>

namespace stationhit::simulation {
namespace {

class PileUpTest : public ::testing::Test {
 protected:
  EventRecord particles(const PileUpConfig& config, double activity) const {
    Random random(1, 0, Stream::pile_up);
    EventRecord record;
    PileUp(propagation_, track_hits_, config)(activity, random, record);
    return record;
  }
  // Station layers that each particle is seen in.
  std::map<std::uint32_t, std::set<core::StationLayer>> stations(const EventRecord& record) const {
    std::map<std::uint32_t, std::set<core::StationLayer>> seen;
    for (const Cell& cell : record.cells)
      seen[cell.particle].insert(
          detector_.frames()[detector_.chambers()[cell.chamber].frame].layer);
    return seen;
  }

  const Detector detector_{default_geometry()};
  const Digitizer digitizer_{detector_, {}};
  const Propagation propagation_{PropagationConfig{}};
  const TrackHits track_hits_{detector_, digitizer_, {}};
};

TEST_F(PileUpTest, SecondariesAreSeenInOneOrTwoStations) {
  PileUpConfig config;
  config.muons = 0;
  config.secondaries = 500;
  config.complete_share = 0;
  const EventRecord record = particles(config, 1);
  std::size_t one = 0, more = 0;
  for (const auto& [particle, layers] : stations(record)) {
    if (record.particles[particle].origin != Origin::secondary) continue;
    ++(layers.size() == 1 ? one : more);
    EXPECT_LE(layers.size(), 4U) << "two along the path; between barrel and end-cap some of either";
  }
  EXPECT_GT(one, 2 * more);
  EXPECT_GT(more, one / 20);
}

TEST_F(PileUpTest, CompleteSecondariesAreSeenInAllStationsThatTheyReach) {
  PileUpConfig config;
  config.muons = 0;
  config.secondaries = 500;
  config.complete_share = 1;
  const EventRecord record = particles(config, 1);
  std::size_t three = 0, all = 0;
  for (const auto& [particle, layers] : stations(record)) {
    if (record.particles[particle].origin != Origin::secondary) continue;
    std::set<int> numbers;
    for (const core::StationLayer layer : layers) numbers.insert(station_number(layer));
    ++all;
    three += numbers.size() == 3 ? 1 : 0;
  }
  EXPECT_GT(three, all * 4 / 10);
  EXPECT_LT(three, all) << "soft ones turn back";
}

TEST_F(PileUpTest, CompleteSecondariesReplaceOthers) {
  const auto cells = [&](double share) {
    PileUpConfig config;
    config.muons = 0;
    config.secondaries = 1500;
    config.complete_share = share;
    return static_cast<double>(particles(config, 1).cells.size());
  };
  EXPECT_NEAR(cells(0.4) / cells(0), 1, 0.1);
}

// Stiff particles without scattering cross all stations at one azimuth unless they decay.
TEST_F(PileUpTest, ADecayOnTheWayTurnsThePath) {
  const auto share_of_turned = [&](double kink_probability) {
    PileUpConfig config;
    config.muons = 0;
    config.secondaries = 300;
    config.secondary_min_momentum = 20;
    config.secondary_scattering = 0;
    config.complete_share = 1;
    config.kink_probability = kink_probability;
    config.kink_momentum = 4;
    const EventRecord record = particles(config, 1);
    // RPC strips measure the azimuth in two stations; their pitch is 5 mrad.
    std::map<std::uint32_t, std::pair<double, double>> range;
    for (const Cell& cell : record.cells) {
      const Chamber& chamber = detector_.chambers()[cell.chamber];
      if (!cell.measures_phi || chamber.technology != core::Technology::rpc ||
          record.particles[cell.particle].origin != Origin::secondary)
        continue;
      const double y = (chamber.y_low + chamber.y_high) / 2;
      const Vector3 middle =
          detector_.frames()[chamber.frame].to_global({chamber.phi_strip_x(cell.channel, y), y, 0});
      const double phi = std::atan2(middle.y, middle.x);
      const auto [found, is_new] = range.try_emplace(cell.particle, phi, phi);
      found->second = {std::min(found->second.first, phi), std::max(found->second.second, phi)};
    }
    double turned = 0;
    for (const auto& [particle, phi] : range) turned += phi.second - phi.first > 0.02 ? 1 : 0;
    return turned / static_cast<double>(range.size());
  };
  EXPECT_LT(share_of_turned(0), 0.1);
  EXPECT_GT(share_of_turned(1), 0.2);
}

TEST_F(PileUpTest, MuonsAreSeenInAllStationsAndLeaveNoTruth) {
  PileUpConfig config;
  config.muons = 200;
  config.secondaries = 0;
  config.muon_min_pt = 6;
  const EventRecord record = particles(config, 1);
  EXPECT_EQ(record.n_muons, 0U);
  std::size_t complete = 0, all = 0;
  for (const auto& [particle, layers] : stations(record)) {
    if (record.particles[particle].origin != Origin::pile_up_muon) continue;
    ++all;
    complete += layers.size() >= 3 ? 1 : 0;
  }
  EXPECT_GT(all, 150U);
  EXPECT_GT(complete, all * 7 / 10);
}

TEST_F(PileUpTest, GrowsWithTheActivity) {
  PileUpConfig config;
  EXPECT_TRUE(particles(config, 0).cells.empty());
  config.muons = 0;
  config.secondaries = 400;
  const auto n = [&](double activity) {
    const EventRecord record = particles(config, activity);
    return static_cast<double>(
        std::count_if(record.particles.begin(), record.particles.end(),
                      [](const Particle& p) { return p.origin == Origin::secondary; }));
  };
  EXPECT_NEAR(n(0.5) / n(1), 0.5, 0.1);
}

TEST(PointsToInteraction, WithinATenthOfARadian) {
  const Detector detector(default_geometry());
  const Frame& frame = detector.frames()[0];
  const Vector3 origin = frame.to_local({0, 0, 0});
  const double tx = (100 - origin.x) / -origin.z, ty = (500 - origin.y) / -origin.z;
  EXPECT_TRUE(points_to_interaction(frame, {100, 500, tx, ty}));
  EXPECT_TRUE(points_to_interaction(frame, {100, 500, tx, ty + 0.05}));
  EXPECT_FALSE(points_to_interaction(frame, {100, 500, tx, ty + 0.25}));
  EXPECT_FALSE(points_to_interaction(frame, {100, 500, tx - 0.15, ty}));
}

}  // namespace
}  // namespace stationhit::simulation
