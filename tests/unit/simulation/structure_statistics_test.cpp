#include <numeric>

#include <gtest/gtest.h>

#include <stationhit/simulation/structure_statistics.hpp>

namespace stationhit::simulation {
namespace {

// Hits of the given particles, all tubes, in buckets of the given sizes; particle 0 is the muon.
SimulatedEvent event_of(const std::vector<std::uint32_t>& hit_particle,
                        const std::vector<Particle>& particles,
                        const std::vector<std::uint32_t>& bucket_sizes) {
  SimulatedEvent event;
  event.hit_particle = hit_particle;
  event.particles = particles;
  core::resize(event.event.hits, hit_particle.size());
  core::resize(event.event.muons, 1);
  for (std::size_t i = 0; i < hit_particle.size(); ++i) {
    event.event.hits.glob_x[i] = 5000;
    event.event.hits.drift_r[i] = static_cast<float>(i);
    event.event.hits.truth_link[i] = hit_particle[i] == 0 ? 0 : -1;
  }
  core::BucketTable& buckets = event.event.buckets;
  buckets.offsets = {0};
  for (const std::uint32_t size : bucket_sizes) {
    buckets.index.push_back(0);
    buckets.offsets.push_back(buckets.offsets.back() + size);
  }
  buckets.hits.resize(buckets.offsets.back());
  std::iota(buckets.hits.begin(), buckets.hits.end(), 0U);
  return event;
}

TEST(StructureStatistics, ATrueHitIsLonelyWithLessThanThreeOthersOfItsMuon) {
  // Four hits of the muon in the first bucket, three in the second.
  const SimulatedEvent event = event_of({0, 0, 0, 0, 0, 0, 0}, {{Origin::muon, true}}, {4, 3});
  StructureStatistics statistics;
  statistics.add(event, event.event.hits.truth_link);
  EXPECT_EQ(statistics.true_hits, 7U);
  EXPECT_EQ(statistics.lonely_true_hits, 3U);
  EXPECT_DOUBLE_EQ(statistics.lonely_share(), 3.0 / 7);
  EXPECT_EQ(statistics.buckets, 2U);
  EXPECT_EQ(statistics.groups, 2U);
  EXPECT_EQ(statistics.true_drift[4], 1U) << "2.0 .. 2.5 mm";
}

TEST(StructureStatistics, CountsBackgroundByOriginAndWhatLooksLikeAMuon) {
  const std::vector<Particle> particles{{Origin::muon, true},
                                        {Origin::secondary, true},
                                        {Origin::secondary, true},
                                        {Origin::conversion, false}};
  const SimulatedEvent event = event_of({0, 1, 1, 1, 2, 2, 3, 3, 3}, particles, {9});
  StructureStatistics statistics;
  statistics.add(event, std::vector<std::int8_t>(9, -1));
  EXPECT_EQ(statistics.true_hits, 0U);
  EXPECT_EQ(statistics.background_hits[static_cast<std::size_t>(Origin::muon)], 1U)
      << "a muon that the cuts removed";
  EXPECT_EQ(statistics.background_hits[static_cast<std::size_t>(Origin::secondary)], 5U);
  EXPECT_EQ(statistics.muon_like_hits[static_cast<std::size_t>(Origin::secondary)], 3U)
      << "two hits are no track";
  EXPECT_EQ(statistics.muon_like_hits[static_cast<std::size_t>(Origin::conversion)], 0U);
  EXPECT_EQ(statistics.hits_by_eta[0][0], 9U);
}

TEST(StructureStatistics, AnEmptySampleHasNoShares) {
  const StructureStatistics statistics;
  EXPECT_EQ(statistics.lonely_share(), 0);
  EXPECT_EQ(statistics.per_event(5), 0);
}

// Six layers of BML, BMS and BMF, eight of BIL and BIS, six of BOL, BOS and BOF: some 15,000 m^2 of
// tubes in the barrel.
TEST(SensitiveArea, IsThatOfTheLayers) {
  const auto area = sensitive_area(Detector(default_geometry()));
  double barrel_tubes = 0, rpc = 0;
  for (std::size_t bin = 0; bin < 8; ++bin) barrel_tubes += area[0][bin];
  for (const double in_bin : area[1]) rpc += in_bin;
  EXPECT_NEAR(barrel_tubes, 14000, 3000);
  EXPECT_NEAR(rpc, 6800, 1500) << "4 gaps of 900 m^2 in BM and 2 of 1,600 m^2 in BO";
}

}  // namespace
}  // namespace stationhit::simulation
