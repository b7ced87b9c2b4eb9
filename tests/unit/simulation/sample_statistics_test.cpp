#include <gtest/gtest.h>

#include <stationhit/simulation/sample_statistics.hpp>

namespace stationhit::simulation {
namespace {

// Links of the hits, all MDT but the last one, which is RPC.
core::Event event_of(const std::vector<float>& pt, const std::vector<float>& eta, const std::vector<std::int8_t>& links) {
  core::Event event;
  core::resize(event.muons, pt.size());
  event.muons.pt = pt;
  event.muons.eta = eta;
  core::resize(event.hits, links.size());
  event.hits.truth_link = links;
  if (!links.empty()) event.hits.technology.back() = 2;
  return event;
}

TEST(SampleStatistics, CountsAfterTheCutsAndDropsEventsWithoutMuon) {
  SampleStatistics statistics;
  // Muon 0 is kept, muon 1 fails pT, muon 2 fails eta, muon 3 has two hits only.
  statistics.add(event_of({5.0F, 4.9F, 20.0F, 20.0F}, {2.7F, 0.0F, -2.71F, 0.0F}, {0, 0, 1, 1, 1, 2, 2, 2, 3, 3, -1, 0}));
  statistics.add(event_of({}, {}, {-1, -1}));
  EXPECT_EQ(statistics.events, 2U);
  EXPECT_EQ(statistics.kept_events, 1U);
  EXPECT_EQ(statistics.muons_before, 4U);
  EXPECT_EQ(statistics.muons_failing_pt, 1U);
  EXPECT_EQ(statistics.hits.mean(), 12);
  EXPECT_EQ(statistics.true_hits.mean(), 3);
  EXPECT_EQ(statistics.technology_hits[0].mean(), 11);
  EXPECT_EQ(statistics.technology_true_hits[0].mean(), 2);
  EXPECT_EQ(statistics.technology_true_hits[1].mean(), 1);
  EXPECT_EQ(statistics.muons.mean(), 1);
  EXPECT_EQ(statistics.hits_per_muon.mean(), 3);
  EXPECT_EQ(statistics.events_with_muons[1], 1U);
}

TEST(Moments, MeanAndPopulationSigma) {
  Moments moments;
  EXPECT_EQ(moments.mean(), 0);
  for (const double value : {2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0}) moments.add(value);
  EXPECT_DOUBLE_EQ(moments.mean(), 5);
  EXPECT_DOUBLE_EQ(moments.sigma(), 2);
}

TEST(SampleStatistics, AnEmptySampleHasATable) { EXPECT_NE(SampleStatistics{}.table().find("0 of 0 events"), std::string::npos); }

}  // namespace
}  // namespace stationhit::simulation
