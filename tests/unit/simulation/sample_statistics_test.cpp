#include <gtest/gtest.h>

#include <stationhit/simulation/sample_statistics.hpp>

namespace stationhit::simulation {
namespace {

TEST(SampleStatistics, CountsHitsMuonsAndTechnologiesOfKeptEvents) {
  core::Event event;
  core::resize(event.muons, 2);
  event.hits.truth_link = {0, 0, 1, -1, 0, -1};
  event.hits.technology = {0, 0, 2, 3, 2, 0};
  SampleStatistics statistics;
  statistics.add_before(3, 1);
  statistics.add_before(0, 0);
  statistics.add(event);
  EXPECT_EQ(statistics.events, 2U);
  EXPECT_EQ(statistics.kept_events(), 1U);
  EXPECT_EQ(statistics.muons_before, 3U);
  EXPECT_EQ(statistics.muons_failing_pt, 1U);
  EXPECT_EQ(statistics.hits.mean(), 6);
  EXPECT_EQ(statistics.true_hits.mean(), 4);
  EXPECT_EQ(statistics.muons.mean(), 2);
  EXPECT_EQ(statistics.hits_per_muon.values(),
            (std::map<std::uint32_t, std::uint64_t>{{1, 1}, {3, 1}}));
  EXPECT_EQ(statistics.technology_hits[0].mean(), 3);
  EXPECT_EQ(statistics.technology_true_hits[0].mean(), 2);
  EXPECT_EQ(statistics.technology_hits[1].mean(), 2);
  EXPECT_EQ(statistics.technology_true_hits[1].mean(), 2);
  EXPECT_EQ(statistics.technology_hits[2].mean(), 1);
  EXPECT_EQ(statistics.technology_true_hits[2].mean(), 0);
}

}  // namespace
}  // namespace stationhit::simulation
