#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <stationhit/metrics/kept.hpp>
#include <stationhit/metrics/segments.hpp>

#include "placed_events.hpp"

namespace stationhit::metrics {
namespace {

KeptAtThreshold kept_at(const ScoredSample& sample, float threshold) {
  return count_kept(sample, {&threshold, 1}).front();
}

// Muon 0 has five hits in BML and three in BOL; muon 1 has three in BML of another sector and two
// in BOL.
ScoredSample two_muons() {
  ScoredSample sample;
  append_placed(sample, 2,
                {{0, 9},
                 {0, 8},
                 {0, 7},
                 {0, 6},
                 {0, 1},
                 {0, 5, bol},
                 {0, 4, bol},
                 {0, 3, bol},
                 {1, 2, bml, 1, 2},
                 {1, 2, bml, 1, 2},
                 {1, 2, bml, 1, 2},
                 {1, 9, bol, 1, 2},
                 {1, 9, bol, 1, 2},
                 {-1, 9},
                 {-1, 0}});
  return sample;
}

TEST(Segments, AreTheHitsOfAMuonInAStation) {
  const std::vector<Segment> segments = find_segments(two_muons());
  ASSERT_EQ(segments.size(), 3U) << "two hits in BOL are no segment";
  EXPECT_EQ(segments[0].muon, 0U);
  EXPECT_EQ(segments[0].n_hits, 5U);
  EXPECT_EQ(segments[0].whole_score, 1.0F);
  EXPECT_EQ(segments[0].usable_score, 6.0F) << "the fourth of five hits";
  EXPECT_EQ(segments[1].n_hits, 3U);
  EXPECT_EQ(segments[1].whole_score, 3.0F);
  EXPECT_EQ(segments[1].usable_score, 3.0F);
  EXPECT_EQ(segments[2].muon, 1U);
  EXPECT_EQ(segments[2].whole_score, 2.0F);
}

TEST(Segments, StationsDifferInLayerSectorAndSide) {
  ScoredSample sample;
  append_placed(sample, 1,
                {{0, 1, bml}, {0, 1, bml}, {0, 1, bms}, {0, 1, bml, 1, 2}, {0, 1, bml, 1, 1, -1}});
  EXPECT_TRUE(find_segments(sample).empty());
  append_placed(sample, 1, {{0, 1, bml, 1, 1, 1}, {0, 1, bml, 2, 1, 4}, {0, 1, bml, 3, 1, 0}});
  EXPECT_EQ(find_segments(sample).size(), 1U) << "chambers of one side are one station";
}

TEST(Segments, UsableMeansThreeHitsAndFourFifths) {
  const std::vector<std::size_t> needed{3, 4, 4, 5, 6, 7, 8, 8};
  for (std::size_t n = 3; n <= 10; ++n) EXPECT_EQ(usable_hits(n), needed[n - 3]) << n;
}

TEST(TwoLayerMuons, NeedThreeHitsInEachOfTwoLayers) {
  const std::vector<TwoLayerMuon> muons = find_two_layer_muons(two_muons());
  ASSERT_EQ(muons.size(), 1U) << "the second muon has two hits in its second layer";
  EXPECT_EQ(muons[0].muon, 0U);
  EXPECT_EQ(muons[0].score, 3.0F) << "BML stays until 7, BOL until 3";
}

TEST(TwoLayerMuons, TheSecondBestOfThreeLayersDecides) {
  ScoredSample sample;
  std::vector<PlacedHit> hits;
  for (const auto& [station, score] : {std::pair{bil, 1.0F}, {bml, 5.0F}, {bol, 3.0F}})
    for (int i = 0; i < 3; ++i) hits.push_back({0, score, station});
  append_placed(sample, 1, hits);
  EXPECT_EQ(find_two_layer_muons(sample).at(0).score, 3.0F);
}

TEST(TwoLayerMuons, HitsOfOneLayerInTwoSectorsCountTogether) {
  ScoredSample sample;
  append_placed(sample, 1,
                {{0, 1, bml}, {0, 1, bml}, {0, 1, bms}, {0, 2, bol}, {0, 2, bol}, {0, 2, bol}});
  EXPECT_EQ(find_two_layer_muons(sample).at(0).score, 1.0F);
  EXPECT_EQ(find_segments(sample).size(), 1U);
}

TEST(CountKept, MuonsAndSegmentsAtThresholds) {
  const ScoredSample sample = two_muons();
  const std::vector<float> thresholds{5.5F, -1.0F, 1.0F, 2.5F};
  const std::vector<KeptAtThreshold> kept = count_kept(sample, thresholds);
  ASSERT_EQ(kept.size(), 4U);
  EXPECT_EQ(kept[0].muons, (KeptShare{1, 2}));
  EXPECT_EQ(kept[0].two_layer_muons, (KeptShare{0, 1}));
  EXPECT_EQ(kept[0].whole_segments, (KeptShare{0, 3}));
  EXPECT_EQ(kept[0].usable_segments, (KeptShare{1, 3}));
  EXPECT_EQ(kept[1].whole_segments, (KeptShare{3, 3}));
  EXPECT_EQ(kept[1].hits, (Counts{13, 2, 0, 0}));
  EXPECT_EQ(kept[2].whole_segments, (KeptShare{2, 3})) << "a hit at the threshold is dropped";
  EXPECT_EQ(kept[2].usable_segments, (KeptShare{3, 3}));
  EXPECT_EQ(kept[3].muons, (KeptShare{1, 2})) << "two hits are left of the second";
  EXPECT_EQ(kept[3].two_layer_muons, (KeptShare{1, 1}));
  for (const KeptAtThreshold& k : kept) EXPECT_EQ(k.n_events, 1U);
}

TEST(CountKept, EventsWithoutMuonsOrHitsAndWithoutBackground) {
  ScoredSample sample;
  append_placed(sample, 0, {});
  append_placed(sample, 0, {{-1, 1}, {-1, 2}});
  append_placed(sample, 1, {{0, 1}, {0, 2}, {0, 3}});
  append_placed(sample, 1, {});
  const KeptAtThreshold kept = kept_at(sample, 1.5F);
  EXPECT_EQ(kept.n_events, 4U);
  EXPECT_EQ(kept.hits, (Counts{2, 1, 1, 1}));
  EXPECT_EQ(kept.muons, (KeptShare{0, 2}));
  EXPECT_EQ(kept.two_layer_muons, (KeptShare{0, 0})) << "one station only";
  EXPECT_EQ(kept.whole_segments, (KeptShare{0, 1}));
  EXPECT_EQ(kept_at(ScoredSample{}, 0), KeptAtThreshold{});
}

TEST(CountKept, AddsUpOverEvents) {
  ScoredSample both = two_muons(), other;
  const std::vector<PlacedHit> second{{0, 5, bil}, {0, 6, bil}, {0, 7, bil}, {0, 4, bil}};
  append_placed(both, 1, second);
  append_placed(other, 1, second);
  for (const float threshold : {0.0F, 2.5F, 4.5F, 8.0F}) {
    const KeptAtThreshold a = kept_at(two_muons(), threshold), b = kept_at(other, threshold),
                          sum = kept_at(both, threshold);
    EXPECT_EQ(sum.whole_segments.kept, a.whole_segments.kept + b.whole_segments.kept);
    EXPECT_EQ(sum.usable_segments.kept, a.usable_segments.kept + b.usable_segments.kept);
    EXPECT_EQ(sum.muons.kept, a.muons.kept + b.muons.kept);
    EXPECT_EQ(sum.whole_segments.total, 4U);
  }
}

TEST(CountKept, WithoutPlacesThereAreNoSegments) {
  ScoredSample sample = two_muons();
  core::EventTruth truth = placed_event(1, {{0, 1}, {0, 1}, {0, 1}});
  truth.bucket_offsets.clear();
  append(sample, truth, std::vector<float>{1, 1, 1});
  EXPECT_FALSE(sample.has_places());
  EXPECT_EQ(kept_at(sample, 0).muons, (KeptShare{3, 3}));
  EXPECT_EQ(kept_at(sample, 0).whole_segments, (KeptShare{0, 0}));
  EXPECT_EQ(kept_at(sample, 0).two_layer_muons, (KeptShare{0, 0}));
}

}  // namespace
}  // namespace stationhit::metrics
