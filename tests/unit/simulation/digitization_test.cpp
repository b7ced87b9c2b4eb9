#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include <stationhit/simulation/digitization.hpp>

#include "toy_detector.hpp"

namespace stationhit::simulation {
namespace {

// Tubes without inefficiency, resolution and signal propagation.
DigitizationConfig perfect_tubes() {
  DigitizationConfig config;
  config.mdt.efficiency = 1;
  config.mdt.least_path = 1e-6;
  config.mdt.resolution = 0;
  config.mdt.signal_speed = 1e9;
  config.mdt.delta_probability = 0;
  return config;
}

Track track_through(const Chamber& chamber, double tx, double ty) {
  Track track;
  track.line = {0, (chamber.y_low + chamber.y_high) / 2, tx, ty};
  return track;
}

std::vector<Cell> cross(const DigitizationConfig& config, std::uint32_t chamber, const Track& track,
                        std::uint64_t event = 1) {
  Random random(1, event, Stream::muon_hits);
  EventRecord record;
  Digitizer(detector(), config).cross(detector().chambers()[chamber].frame, track, random, record);
  std::erase_if(record.cells, [&](const Cell& cell) { return cell.chamber != chamber; });
  return record.cells;
}

TEST(Digitizer, AStraightTrackGivesItsDistancesToTheWires) {
  const std::uint32_t index = chamber_of(core::Technology::mdt);
  const Chamber& chamber = detector().chambers()[index];
  const Track track = track_through(chamber, 0.1, 0.4);
  const auto cells = cross(perfect_tubes(), index, track);
  EXPECT_GE(cells.size(), detector().layers(chamber).size());
  for (const Cell& cell : cells) {
    // Distance of the wire (y, z) from the line y = y0 + 0.4 z.
    const double z = detector().layers(chamber)[cell.layer],
                 y = detector().channel_y(chamber, cell.layer, cell.channel);
    EXPECT_NEAR(cell.drift_r, std::abs(y - track.line.y - 0.4 * z) / std::hypot(1.0, 0.4), 1e-4);
    EXPECT_LE(cell.drift_r, 14.6F);
  }
}

// Left/right ambiguity: a track on the other side of the wire gives the same radius.
TEST(Digitizer, TheSideOfTheWireIsNotSeen) {
  const std::uint32_t index = chamber_of(core::Technology::mdt);
  const Chamber& chamber = detector().chambers()[index];
  const double wire = detector().channel_y(chamber, 0, 20);
  std::array<float, 2> radius{};
  for (const int side : {0, 1}) {
    Track track;
    track.line = {0, wire + (side == 0 ? 5.0 : -5.0), 0, 0};
    for (const Cell& cell : cross(perfect_tubes(), index, track))
      if (cell.layer == 0 && cell.channel == 20)
        radius[static_cast<std::size_t>(side)] = cell.drift_r;
  }
  EXPECT_NEAR(radius[0], 5.0F, 1e-4F);
  EXPECT_NEAR(radius[1], radius[0], 1e-4F);
}

TEST(Digitizer, SignalsOutsideTheDriftWindowGiveNoHitAndLateOnesALargerRadius) {
  const std::uint32_t index = chamber_of(core::Technology::mdt);
  Track track = track_through(detector().chambers()[index], 0.1, 0.4);
  const auto on_time = cross(perfect_tubes(), index, track);
  track.late = 100;
  const auto late = cross(perfect_tubes(), index, track);
  ASSERT_FALSE(late.empty());
  EXPECT_LT(late.size(), on_time.size() + 1);
  std::map<std::pair<int, int>, float> radius;
  for (const Cell& cell : on_time) radius[{cell.layer, cell.channel}] = cell.drift_r;
  for (const Cell& cell : late) EXPECT_GT(cell.drift_r, radius.at({cell.layer, cell.channel}));
  track.late = 900;
  EXPECT_TRUE(cross(perfect_tubes(), index, track).empty());
}

TEST(Digitizer, TheTdcCountIsFlightDriftAndOffset) {
  const DigitizationConfig config = perfect_tubes();
  const std::uint32_t index = chamber_of(core::Technology::mdt);
  const Chamber& chamber = detector().chambers()[index];
  for (const Cell& cell : cross(config, index, track_through(chamber, 0.1, 0.4))) {
    const double u = cell.drift_r / 14.6,
                 y = detector().channel_y(chamber, cell.layer, cell.channel);
    const Vector3 wire = detector().frames()[chamber.frame].to_global(
        {0, y, detector().layers(chamber)[cell.layer]});
    const double flight =
        std::sqrt(wire.x * wire.x + wire.y * wire.y + wire.z * wire.z) / 299.792458;
    EXPECT_NEAR(cell.time, config.mdt.tdc_offset + (flight + 740 * u * (0.4 + 0.6 * u)) / 0.78125,
                1.0);
  }
}

TEST(Digitizer, AnElectronFiresTheTubesThatItTouches) {
  const std::uint32_t index = chamber_of(core::Technology::mdt);
  const Chamber& chamber = detector().chambers()[index];
  Electron electron;
  electron.chamber = index;
  electron.y = detector().channel_y(chamber, 1, 30);
  electron.z = detector().layers(chamber)[1] + 6;
  electron.dy = 1;
  electron.length = 31;  // 6 mm above the wire and on into the next tube
  Random random(1, 1, Stream::background);
  EventRecord record;
  Digitizer(detector(), perfect_tubes()).ionize(electron, random, record);
  std::map<std::pair<int, int>, float> radius;
  for (const Cell& cell : record.cells) radius[{cell.layer, cell.channel}] = cell.drift_r;
  ASSERT_TRUE(radius.contains({1, 30}) && radius.contains({1, 31}));
  EXPECT_NEAR(radius.at({1, 30}), 6, 1e-3);
  EXPECT_NEAR(radius.at({1, 31}), 6, 1e-3);
}

TEST(Digitizer, MuonsKnockOutElectronsAsParticlesOfTheirOwn) {
  DigitizationConfig config = perfect_tubes();
  config.mdt.delta_probability = 1;
  const std::uint32_t index = chamber_of(core::Technology::mdt);
  const Chamber& chamber = detector().chambers()[index];
  Random random(1, 1, Stream::muon_hits);
  EventRecord record;
  Track track = track_through(chamber, 0.1, 0.2);
  track.is_muon = true;
  track.particle = record.add({Origin::muon, true});
  Digitizer(detector(), config).cross(chamber.frame, track, random, record);
  EXPECT_GT(record.particles.size(), detector().layers(chamber).size() / 2);
  std::set<std::uint32_t> particles;
  for (const Cell& cell : record.cells) particles.insert(cell.particle);
  EXPECT_GT(particles.size(), 3U);
  for (std::size_t p = 1; p < record.particles.size(); ++p)
    EXPECT_EQ(record.particles[p].origin, Origin::delta_ray);
}

TEST(Digitizer, ADelayShiftsTimeAndRadius) {
  const Digitizer digitizer(detector(), {});
  Cell tube{chamber_of(core::Technology::mdt), 0, false, 3, -1, 5.0F, 1000.0F, 0};
  digitizer.delay(tube, 7.8125);
  EXPECT_EQ(tube.time, 1010.0F);
  EXPECT_GT(tube.drift_r, 5.05F);
  EXPECT_LT(tube.drift_r, 5.4F);
  Cell strip{chamber_of(core::Technology::rpc), 0, false, 3, -1, 0.0F, 1.0F, 0};
  digitizer.delay(strip, 2.5);
  EXPECT_EQ(strip.time, 3.5F);
  Cell wire{chamber_of(core::Technology::tgc), 0, false, 3, -1, 0.0F, 2.0F, 0};
  digitizer.delay(wire, 2.5);
  EXPECT_EQ(wire.time, 2.0F) << "a bitmap";
}

TEST(Digitizer, ASmallWheelViewHidesWedges) {
  const std::uint32_t index = chamber_of(core::Technology::mm);
  const Chamber& chamber = detector().chambers()[index];
  const auto layers_seen = [&](SmallWheelView view) {
    std::set<bool> halves;
    for (std::uint64_t event = 0; event < 5; ++event) {
      Track track = track_through(chamber, 0, 0.2);
      track.small_wheel = view;
      for (const Cell& cell : cross({}, index, track, event))
        halves.insert(detector().layers(chamber)[cell.layer] > 0);
    }
    return halves;
  };
  EXPECT_EQ(layers_seen(SmallWheelView::all), (std::set<bool>{false, true}));
  EXPECT_EQ(layers_seen(SmallWheelView::none), std::set<bool>{});
  EXPECT_EQ(layers_seen(SmallWheelView::near_wedge), std::set<bool>{false});
  EXPECT_EQ(layers_seen(SmallWheelView::far_wedge), std::set<bool>{true});
}

}  // namespace
}  // namespace stationhit::simulation
