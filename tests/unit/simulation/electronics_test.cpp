#include <cmath>

#include <gtest/gtest.h>

#include <stationhit/simulation/electronics.hpp>

#include "toy_detector.hpp"

namespace stationhit::simulation {
namespace {

const Digitizer& digitizer() {
  static const Digitizer instance(detector(), {});
  return instance;
}

// Every tube of the first chambers.
std::vector<Cell> all_tubes(std::uint32_t n_chambers) {
  std::vector<Cell> cells;
  for (std::uint32_t chamber = 0; chamber < n_chambers; ++chamber)
    for (std::uint8_t layer = 0; layer < detector().layers(detector().chambers()[chamber]).size();
         ++layer)
      for (std::uint16_t channel = 1; channel <= detector().chambers()[chamber].n_channels;
           ++channel)
        cells.push_back({chamber, layer, false, channel, -1, 5.0F, 1000.0F, 0});
  return cells;
}

TEST(Electronics, TheMapOfDeadAndWeakChannelsDependsOnTheDetectorSeedOnly) {
  const ElectronicsConfig config;
  ElectronicsConfig other = config;
  other.detector_seed = config.detector_seed + 1;
  const Electronics one(detector(), digitizer(), config), same(detector(), digitizer(), config),
      different(detector(), digitizer(), other);
  std::size_t dead = 0, weak = 0, changed = 0;
  const std::vector<Cell> cells = all_tubes(60);
  for (const Cell& cell : cells) {
    const double efficiency = one.efficiency(cell);
    EXPECT_EQ(efficiency, same.efficiency(cell));
    changed += efficiency != different.efficiency(cell) ? 1 : 0;
    dead += efficiency == 0 ? 1 : 0;
    weak += efficiency == config.weak_efficiency ? 1 : 0;
  }
  const auto n = static_cast<double>(cells.size());
  EXPECT_NEAR(static_cast<double>(dead) / n, config.dead_channels + config.dead_regions, 0.004);
  EXPECT_NEAR(static_cast<double>(weak) / n, config.weak_regions, 0.012);
  EXPECT_GT(changed, dead);
}

TEST(Electronics, ADeadChannelNeverFiresAndAWeakOneSometimes) {
  ElectronicsConfig config;
  config.cross_talk_probability = 0;
  const Electronics electronics(detector(), digitizer(), config);
  Random random(1, 0, Stream::electronics);
  EventRecord record;
  record.cells = all_tubes(60);
  double expected = 0;
  for (const Cell& cell : record.cells) expected += electronics.efficiency(cell);
  electronics(random, record);
  EXPECT_NEAR(static_cast<double>(record.cells.size()), expected, 5 * std::sqrt(0.01 * expected));
  for (const Cell& cell : record.cells) EXPECT_GT(electronics.efficiency(cell), 0);
}

TEST(Electronics, CrossTalkIsALaterSignalInTheNextChannelOfAnotherParticle) {
  ElectronicsConfig config;
  config.dead_channels = config.dead_regions = config.weak_regions = 0;
  config.cross_talk_probability = 1;
  const Electronics electronics(detector(), digitizer(), config);
  Random random(1, 0, Stream::electronics);
  EventRecord record;
  record.add({Origin::muon, true});
  record.cells = {{0, 2, false, 10, -1, 5.0F, 1000.0F, 0}};
  electronics(random, record);
  ASSERT_EQ(record.cells.size(), 2U);
  EXPECT_EQ(std::abs(record.cells[1].channel - 10), 1);
  EXPECT_GE(record.cells[1].time, 1000.0F);
  EXPECT_GE(record.cells[1].drift_r, 5.0F);
  EXPECT_EQ(record.particles[record.cells[1].particle].origin, Origin::cross_talk);
}

TEST(Electronics, CrossTalkStaysInTheChamber) {
  ElectronicsConfig config;
  config.cross_talk_probability = 1;
  config.dead_channels = config.dead_regions = config.weak_regions = 0;
  const Electronics electronics(detector(), digitizer(), config);
  for (std::uint64_t event = 0; event < 8; ++event) {
    Random random(1, event, Stream::electronics);
    EventRecord record;
    record.cells = {{0, 2, false, 1, -1, 5.0F, 1000.0F, 0}};
    electronics(random, record);
    for (const Cell& cell : record.cells) EXPECT_GE(cell.channel, 1);
  }
}

}  // namespace
}  // namespace stationhit::simulation
