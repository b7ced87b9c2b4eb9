#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include <stationhit/simulation/readout.hpp>

#include "toy_detector.hpp"

namespace stationhit::simulation {
namespace {

// Two muons and, from particle 2 on, background.
core::HitTable read_out(const std::vector<Cell>& cells) {
  EventRecord record;
  record.n_muons = 2;
  record.particles.resize(4);
  record.cells = cells;
  return Readout(detector(), MdtConfig{})(record).table;
}

constexpr std::uint32_t background = 2, other_background = 3;

Cell tube(std::uint16_t channel, float drift_r, std::uint32_t particle) {
  return {chamber_of(core::Technology::mdt), 2, false, channel, -1, drift_r, 1000, particle};
}
Cell strip(bool phi, std::uint16_t channel, std::uint32_t particle) {
  return {chamber_of(core::Technology::rpc), 1, phi, channel, -1, 0, 3, particle};
}

TEST(Readout, ATubeFiresOnceAndTheEarliestSignalWins) {
  const core::HitTable hits = read_out(
      {tube(7, 9.0F, 0), tube(8, 5.0F, background), tube(7, 3.0F, background), tube(8, 2.0F, 1)});
  EXPECT_EQ(hits.channel, (std::vector<std::uint16_t>{7, 8}));
  EXPECT_EQ(hits.drift_r, (std::vector<float>{3.0F, 2.0F}));
  EXPECT_EQ(hits.truth_link, (std::vector<std::int8_t>{-1, 1}));
  EXPECT_EQ(hits.layer, (std::vector<std::uint8_t>{3, 3}));
  EXPECT_EQ(hits.sec_channel, (std::vector<std::int16_t>{-1, -1}));
}

TEST(Readout, StripsOfALayerMakeAllPairsAndOnlyPairsOfOneMuonAreTrue) {
  const core::HitTable hits =
      read_out({strip(false, 10, 0), strip(false, 20, background), strip(true, 3, 0),
                strip(true, 4, 1), strip(true, 5, other_background)});
  EXPECT_EQ(hits.channel, (std::vector<std::uint16_t>{10, 10, 10, 20, 20, 20}));
  EXPECT_EQ(hits.sec_channel, (std::vector<std::int16_t>{3, 4, 5, 3, 4, 5}));
  EXPECT_EQ(hits.truth_link, (std::vector<std::int8_t>{0, -1, -1, -1, -1, -1}));
  EXPECT_EQ(hits.n_eta_in_use, std::vector<std::uint32_t>(6, 2));
  EXPECT_EQ(hits.n_phi_in_use, std::vector<std::uint32_t>(6, 1));
  EXPECT_EQ(hits.meas_eta, std::vector<std::uint8_t>(6, 1));
  EXPECT_EQ(hits.meas_phi, std::vector<std::uint8_t>(6, 1));
}

TEST(Readout, AStripWithoutPartnerMeasuresOneCoordinate) {
  const core::HitTable eta = read_out({strip(false, 10, 0)}), phi = read_out({strip(true, 3, 0)});
  EXPECT_EQ(eta.meas_eta[0], 1);
  EXPECT_EQ(eta.meas_phi[0], 0);
  EXPECT_EQ(eta.edge_low_z[0], eta.edge_high_z[0]) << "an eta strip of the barrel runs across z";
  EXPECT_EQ(phi.meas_eta[0], 0);
  EXPECT_EQ(phi.meas_phi[0], 1);
  EXPECT_EQ(phi.sec_channel[0], -1);
  EXPECT_GT(std::abs(phi.edge_high_z[0] - phi.edge_low_z[0]), 500.0F)
      << "a phi strip of the barrel runs along z";
  EXPECT_GT(phi.cov_yy[0], 100 * eta.cov_yy[0]);
  EXPECT_GT(eta.cov_xx[0], 100 * phi.cov_xx[0]);
}

TEST(Readout, TheOrderOfTheHitsDoesNotDependOnTheOrderOfTheCells) {
  std::vector<Cell> cells{tube(7, 9, 0),      tube(70, 5, background), strip(true, 3, background),
                          strip(false, 9, 0), tube(12, 1, background), strip(false, 2, background)};
  const core::HitTable hits = read_out(cells);
  std::reverse(cells.begin(), cells.end());
  EXPECT_EQ(read_out(cells), hits);
  EXPECT_TRUE(std::is_sorted(hits.technology.begin(), hits.technology.end()));
}

TEST(Readout, APairOfDifferentParticlesIsAGhost) {
  EventRecord record;
  record.n_muons = 1;
  record.particles.resize(2);
  record.cells = {strip(false, 10, 0), strip(true, 3, 0), strip(true, 9, 1)};
  const ReadoutHits hits = Readout(detector(), MdtConfig{})(record);
  ASSERT_EQ(hits.particle.size(), 2U);
  EXPECT_EQ(hits.particle[0], 0U);
  EXPECT_EQ(record.particles[hits.particle[1]].origin, Origin::ghost);
  EXPECT_EQ(hits.table.truth_link, (std::vector<std::int8_t>{0, -1}));
}

}  // namespace
}  // namespace stationhit::simulation
