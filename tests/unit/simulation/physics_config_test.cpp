// Every variation does what its setting says, on whole events.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/simulation/simulator.hpp>
#include <stationhit/simulation/track_hits.hpp>

namespace stationhit::simulation {
namespace {

using Key = std::tuple<std::uint8_t, std::uint8_t, std::int8_t, std::uint8_t, std::uint8_t,
                       std::uint16_t, std::int16_t, std::uint64_t>;

// A row of the hit table with the particle behind it.
struct Hit {
  core::Technology technology = core::Technology::mdt;
  core::StationLayer layer = core::StationLayer::unknown;
  int sector = 0;
  float drift_r = 0, time = 0, x = 0, y = 0, z = 0, cov_yy = 0;
  Origin origin = Origin::muon;
};

// The hits of some events by channel and event.
using Hits = std::map<Key, Hit>;

Hits hits_of(const SimulationConfig& config, const PhysicsConfig& physics = {}) {
  constexpr std::uint64_t n_events = 12;
  const Simulator simulator(config, physics);
  Hits result;
  for (std::uint64_t n = 0; n < n_events; ++n) {
    const SimulatedEvent simulated = simulator.simulate(n, simulator.hard_event(n));
    const core::HitTable& hits = simulated.event.hits;
    for (std::size_t i = 0; i < hits.size(); ++i) {
      const auto technology = static_cast<core::Technology>(hits.technology[i]);
      result[{hits.technology[i], hits.station_index[i], hits.station_eta[i], hits.station_phi[i],
              hits.layer[i], hits.channel[i], hits.sec_channel[i], n}] = {
          technology,
          core::station_layer(hits.station_index[i]),
          core::sector(technology, hits.station_index[i], hits.station_phi[i]),
          hits.drift_r[i],
          hits.time[i],
          hits.glob_x[i],
          hits.glob_y[i],
          hits.glob_z[i],
          hits.cov_yy[i],
          simulated.particles[simulated.hit_particle[i]].origin};
    }
  }
  return result;
}

Hits hits_of(const std::function<void(VariationConfig&)>& change, double mu) {
  SimulationConfig config;
  config.mu = mu;
  change(config.variation);
  return hits_of(config);
}

Hits default_hits(double mu) {
  return hits_of([](VariationConfig&) {}, mu);
}

std::size_t count(const Hits& hits, const std::function<bool(const Hit&)>& wanted) {
  return static_cast<std::size_t>(
      std::ranges::count_if(hits, [&](const auto& hit) { return wanted(hit.second); }));
}

// Calls `visit` with the hits of the channels that fired in both samples.
void for_each_common(const Hits& first, const Hits& second,
                     const std::function<void(const Hit&, const Hit&)>& visit) {
  std::size_t n = 0;
  for (const auto& [key, hit] : first) {
    const auto found = second.find(key);
    if (found == second.end()) continue;
    visit(hit, found->second);
    ++n;
  }
  EXPECT_GT(n, 100U);
}

TEST(Vary, TheBackgroundRateScalesTheCavernOnly) {
  const Hits usual = default_hits(200),
             more = hits_of([](VariationConfig&v) { v.background_rate = 1.5; }, 200);
  const auto ratio = [&](auto... origins) {
    const auto wanted = [&](const Hit& hit) { return ((hit.origin == origins) || ...); };
    return static_cast<double>(count(more, wanted)) / static_cast<double>(count(usual, wanted));
  };
  EXPECT_NEAR(ratio(Origin::conversion), 1.5, 0.03);
  EXPECT_NEAR(ratio(Origin::cavern_track), 1.5, 0.2);
  EXPECT_NEAR(ratio(Origin::muon, Origin::secondary), 1, 0.02);
}

TEST(Vary, DeadChannelsAreAddedToThoseOfTheDefaultDetector) {
  const Hits usual = default_hits(60),
             fewer = hits_of([](VariationConfig&v) { v.dead_channels = 0.01; }, 60);
  EXPECT_NEAR(1 - static_cast<double>(fewer.size()) / static_cast<double>(usual.size()), 0.01,
              0.004);
}

TEST(Vary, AMissingLayerLosesItsHitsInOneSectorAndNoOthers) {
  const Hits usual = default_hits(60), without = hits_of(
                                           [](VariationConfig&v) {
                                             v.missing_layer = MissingLayer::bm;
                                             v.missing_sector = 5;
                                           },
                                           60);
  const auto is_missing = [](const Hit& hit) {
    return hit.layer == core::StationLayer::bm && hit.sector == 5;
  };
  EXPECT_GT(count(usual, is_missing), 20U);
  EXPECT_EQ(count(without, is_missing), 0U);
  for (const auto layer : {core::StationLayer::bm, core::StationLayer::em}) {
    const auto other = [&](const Hit& hit) { return hit.layer == layer && !is_missing(hit); };
    EXPECT_NEAR(static_cast<double>(count(without, other)),
                static_cast<double>(count(usual, other)),
                0.02 * static_cast<double>(count(usual, other)));
  }
}

TEST(Vary, EveryNameOfAMissingLayerIsThatOfItsStationLayer) {
  for (int n = static_cast<int>(MissingLayer::bi); n <= static_cast<int>(MissingLayer::eo); ++n) {
    VariationConfig variation;
    variation.missing_layer = static_cast<MissingLayer>(n);
    EXPECT_EQ(core::name(vary({}, variation).electronics.missing_layer),
              core::name(variation.missing_layer));
  }
  EXPECT_EQ(vary({}, {}).electronics.missing_layer, core::StationLayer::unknown);
}

// A shift of the chamber is seen as a change of the drift radius; the written position of a channel
// is that of the default detector.
TEST(Vary, AShiftedChamberChangesDriftRadiiAndNoPositions) {
  const Hits usual = default_hits(0),
             shifted = hits_of([](VariationConfig&v) { v.chamber_shift = 1; }, 0);
  double sum = 0, n = 0;
  for_each_common(usual, shifted, [&](const Hit& before, const Hit& after) {
    EXPECT_EQ(std::tuple(before.x, before.y, before.z), std::tuple(after.x, after.y, after.z));
    if (before.technology != core::Technology::mdt) return;
    sum += std::pow(after.drift_r - before.drift_r, 2);
    ++n;
  });
  // Tracks on the other side of the wire, and those whose tube changes, make it less than 1 mm.
  EXPECT_GT(std::sqrt(sum / n), 0.6);
  EXPECT_LT(std::sqrt(sum / n), 2.5);
}

TEST(Vary, ChamberShiftsHaveTheirWidthAndFollowTheirSeedAlone) {
  const auto shifts = [](std::uint64_t seed) {
    std::vector<double> values;
    const Detector detector(default_geometry(), {5, seed});
    for (const Chamber& chamber : detector.chambers())
      for (const double value : {chamber.shift.x, chamber.shift.y, chamber.shift.z})
        values.push_back(value);
    return values;
  };
  const std::vector<double> values = shifts(1);
  double sum = 0, squares = 0;
  for (const double value : values) sum += value, squares += value * value;
  const auto n = static_cast<double>(values.size());
  EXPECT_NEAR(sum / n, 0, 0.3);
  EXPECT_NEAR(std::sqrt(squares / n), 5, 0.3);
  EXPECT_EQ(values, shifts(1));
  EXPECT_NE(values, shifts(2));
}

TEST(Vary, ALineInAShiftedChamberIsThatOfTheChamberAtItsPlace) {
  Chamber chamber;
  chamber.shift = {1, 2, 10};
  const Line line = line_in_chamber(chamber, {100, 200, 0.5, -0.25});
  EXPECT_DOUBLE_EQ(line.x, 100 + 5 - 1);
  EXPECT_DOUBLE_EQ(line.y, 200 - 2.5 - 2);
  EXPECT_EQ(line.tx, 0.5);
  EXPECT_EQ(line.ty, -0.25);
}

TEST(Vary, ATimeOffsetMovesTimesAndDriftRadii) {
  const Hits usual = default_hits(60),
             late = hits_of([](VariationConfig&v) { v.time_offset = 5; }, 60);
  ASSERT_EQ(usual.size(), late.size());
  for_each_common(usual, late, [&](const Hit& before, const Hit& after) {
    const bool is_tube = before.technology == core::Technology::mdt;
    if (before.technology == core::Technology::tgc)
      EXPECT_EQ(after.time, before.time);
    else
      EXPECT_NEAR(after.time - before.time, is_tube ? 6 : 5, 1e-3) << "6.4 counts are 5 ns";
    if (is_tube && before.drift_r < 14)
      EXPECT_GT(after.drift_r, before.drift_r);
    else
      EXPECT_GE(after.drift_r, before.drift_r);
  });
}

TEST(Vary, ANegativeTimeOffsetEndsAtTheWireAndAtCountZero) {
  for (const auto& [key, hit] : hits_of([](VariationConfig& v) { v.time_offset = -1000; }, 0)) {
    EXPECT_NEAR(hit.drift_r, 0, 1e-6);
    if (hit.technology == core::Technology::mdt) {
      EXPECT_GE(hit.time, 0);
    }
  }
}

// Without the other effects on the radius, its spread around the true distance is the resolution.
TEST(Vary, AWorseResolutionSpreadsRadiiAndNotTheirWrittenErrors) {
  const auto hits = [](double factor, double resolution) {
    SimulationConfig config;
    config.mu = 0;
    config.variation.resolution_factor = factor;
    PhysicsConfig physics;
    physics.digitization.mdt.resolution = resolution;
    physics.digitization.mdt.signal_speed = 1e9;
    physics.electronics.cross_talk_probability = 0;
    return hits_of(config, physics);
  };
  const Hits truth = hits(1, 1e-9);
  const auto spread = [&](const Hits& smeared) {
    double sum = 0, n = 0;
    for_each_common(truth, smeared, [&](const Hit& before, const Hit& after) {
      if (before.technology != core::Technology::mdt || before.drift_r < 1 || before.drift_r > 14)
        return;
      sum += std::pow(after.drift_r - before.drift_r, 2);
      ++n;
    });
    return std::sqrt(sum / n);
  };
  const Hits usual = hits(1, 0.09), worse = hits(1.3, 0.09);
  EXPECT_NEAR(spread(usual), 0.09, 0.01);
  EXPECT_NEAR(spread(worse) / spread(usual), 1.3, 0.05);
  for_each_common(usual, worse, [](const Hit& before, const Hit& after) {
    if (before.technology == core::Technology::mdt) {
      EXPECT_NEAR(after.cov_yy / before.cov_yy, 1, 0.1);
    }
  });
}

TEST(Vary, AnotherDetectorSeedGivesOtherDeadChannels) {
  const Hits usual = default_hits(60),
             other = hits_of([](VariationConfig&v) { v.detector_seed = 1; }, 60);
  const auto lost = [](const Hits& from, const Hits& in) {
    return std::ranges::count_if(from, [&](const auto& hit) { return !in.contains(hit.first); });
  };
  EXPECT_GT(lost(usual, other), 20);
  EXPECT_GT(lost(other, usual), 20);
}

// The stations that the particles of one origin are seen in, most of all particles.
std::size_t most_stations(bool correlated, Origin origin) {
  SimulationConfig config;
  config.correlated_background = correlated;
  const Simulator simulator(config);
  std::size_t most = 0;
  for (std::uint64_t n = 0; n < 20; ++n) {
    const SimulatedEvent event = simulator.simulate(n, simulator.hard_event(n));
    std::map<std::uint32_t, std::set<int>> stations;
    for (std::size_t i = 0; i < event.hit_particle.size(); ++i)
      if (event.particles[event.hit_particle[i]].origin == origin)
        stations[event.hit_particle[i]].insert(
            station_number(core::station_layer(event.event.hits.station_index[i])));
    for (const auto& [particle, seen] : stations) most = std::max(most, seen.size());
  }
  return most;
}

TEST(RemoveCorrelations, LeavesNoBackgroundThatIsSeenInMoreStations) {
  EXPECT_EQ(most_stations(true, Origin::cavern_track), 2U);
  EXPECT_EQ(most_stations(false, Origin::cavern_track), 1U);
  EXPECT_EQ(most_stations(true, Origin::secondary), 3U);
  EXPECT_EQ(most_stations(false, Origin::secondary), 2U);
}

TEST(Vary, SettingsOutOfTheirRangeAreNamed) {
  SimulationConfig config;
  config.variation.missing_sector = 17;
  EXPECT_EQ(test::error_of<core::ConfigError>([&] { const Simulator simulator(config); }),
            "variation.missing_sector: expected an integer in 1..16, found '17'");
}

}  // namespace
}  // namespace stationhit::simulation
