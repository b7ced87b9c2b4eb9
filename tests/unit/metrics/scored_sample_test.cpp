#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include <gtest/gtest.h>

#include <stationhit/core/event_truth.hpp>
#include <stationhit/metrics/muons.hpp>
#include <stationhit/metrics/scored_sample.hpp>

namespace stationhit::metrics {
namespace {

core::EventTruth event_with(std::uint64_t number, std::vector<std::int8_t> truth_link,
                            std::vector<float> muon_pt) {
  core::Event event;
  event.header.event_number = number;
  event.header.mc_channel_number = static_cast<std::uint32_t>(number % 1000);
  core::resize(event.hits, truth_link.size());
  event.hits.truth_link = std::move(truth_link);
  core::resize(event.muons, muon_pt.size());
  event.muons.pt = std::move(muon_pt);
  return core::truth_of(event);
}

ScoredSample two_events() {
  ScoredSample sample;
  append(sample, event_with(7, {0, -1, 1, 0, 0, 1, 0}, {20, 30}),
         std::vector<float>{5, 9, 1, 2, 4, 3, 3});
  append(sample, event_with(5'000'000'001, {-1, 0, 0, 0}, {40}), std::vector<float>{9, -1, -3, -2});
  return sample;
}

TEST(ScoredSample, AppendKeepsEventsApart) {
  const ScoredSample sample = two_events();
  EXPECT_EQ(sample.n_events(), 2U);
  EXPECT_EQ(sample.event_number, (std::vector<std::uint64_t>{7, 5'000'000'001}));
  EXPECT_EQ(sample.mc_channel_number, (std::vector<std::uint32_t>{7, 1}));
  EXPECT_EQ(sample.event_offsets, (std::vector<std::uint64_t>{0, 7, 11}));
  EXPECT_EQ(sample.muon_offsets, (std::vector<std::uint64_t>{0, 2, 3}));
  EXPECT_EQ(sample.muon_pt, (std::vector<float>{20, 30, 40}));
  EXPECT_EQ(hit_labels(sample), (std::vector<std::uint8_t>{1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1}));
}

TEST(ScoredSample, EventWithoutHitsOrMuonsIsAnEvent) {
  ScoredSample sample;
  append(sample, core::EventTruth{}, {});
  EXPECT_EQ(sample.n_events(), 1U);
  EXPECT_EQ(sample.n_hits(), 0U);
  EXPECT_TRUE(muon_scores(sample).empty());
}

TEST(ScoredSample, NodesCountAHitAsOftenAsItIsInABucket) {
  ScoredSample nodes;
  const core::EventTruth event = event_with(7, {0, -1, 1}, {20, 30});
  append_nodes(nodes, event, std::vector<std::uint32_t>{0, 1, 1, 0, 2},
               std::vector<float>{5, 4, 3, 2, 1});
  EXPECT_EQ(nodes.truth_link, (std::vector<std::int8_t>{0, -1, -1, 0, 1}));
  EXPECT_EQ(nodes.score, (std::vector<float>{5, 4, 3, 2, 1}));
  EXPECT_EQ(nodes.technology.size(), 5U);
  EXPECT_EQ(nodes.mc_channel_number, std::vector<std::uint32_t>{7});
  EXPECT_EQ(nodes.event_offsets, (std::vector<std::uint64_t>{0, 5}));
  EXPECT_EQ(nodes.muon_pt, (std::vector<float>{20, 30}));
  EXPECT_FALSE(nodes.has_places());
}

TEST(Muons, ScoreIsTheThirdBestOfItsHits) {
  const std::vector<float> scores = muon_scores(two_events());
  ASSERT_EQ(scores.size(), 3U);
  EXPECT_EQ(scores[0], 3.0F);                                     // 5 4 3 2
  EXPECT_EQ(scores[1], -std::numeric_limits<float>::infinity());  // two hits only
  EXPECT_EQ(scores[2], -3.0F);
}

TEST(Muons, HitsBelongToTheMuonOfTheirEvent) {
  EXPECT_EQ(hits_per_muon(two_events()), (std::vector<std::uint32_t>{4, 2, 3}));
  EXPECT_EQ(muon_of_hit(two_events()),
            (std::vector<std::int64_t>{0, -1, 1, 0, 0, 1, 0, -1, 2, 2, 2}));
}

TEST(Muons, DistanceToTheNearestOfTheEventGoesAroundInPhi) {
  ScoredSample sample;
  sample.muon_pt = {1, 1, 1, 1};
  sample.muon_eta = {0, 0.3F, 2, 1};
  sample.muon_phi = {3.1F, -3.1F, 3.1F, 0};
  sample.muon_offsets = {0, 3, 4};
  sample.event_offsets = {0, 0, 0};
  const std::vector<float> distances = distances_to_nearest_muon(sample);
  ASSERT_EQ(distances.size(), 4U);
  EXPECT_NEAR(distances[0], std::hypot(0.3, 2 * std::numbers::pi - 6.2), 1e-6);
  EXPECT_EQ(distances[1], distances[0]);
  EXPECT_NEAR(distances[2], std::hypot(1.7, 2 * std::numbers::pi - 6.2), 1e-6);
  EXPECT_TRUE(std::isnan(distances[3])) << "alone in its event";
}

}  // namespace
}  // namespace stationhit::metrics
