#include <algorithm>
#include <iterator>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <stationhit/metrics/hit_pairs.hpp>
#include <stationhit/metrics/kept.hpp>

#include "placed_events.hpp"

namespace stationhit::metrics {
namespace {

using Buckets = std::vector<std::vector<std::uint32_t>>;
using Pairs = std::vector<std::uint64_t>;

ScoredSample one_event(const std::vector<PlacedHit>& hits, const Buckets& buckets) {
  ScoredSample sample;
  append_placed(sample, 1, hits, buckets);
  return sample;
}

// All pairs, one by one.
std::uint64_t brute_force(const std::vector<PlacedHit>& hits, const Buckets& buckets,
                          float threshold) {
  std::set<std::pair<std::uint32_t, std::uint32_t>> pairs;
  for (const auto& bucket : buckets) {
    for (const std::uint32_t a : bucket) {
      for (const std::uint32_t b : bucket) {
        const bool other_layer =
            hits[a].station_index != hits[b].station_index || hits[a].layer != hits[b].layer;
        if (a < b && other_layer && hits[a].score > threshold && hits[b].score > threshold)
          pairs.emplace(a, b);
      }
    }
  }
  return pairs.size();
}

TEST(HitPairs, AreHitsOfOneBucketInDifferentLayers) {
  const ScoredSample sample = one_event({{0, 5, bml, 1},
                                         {0, 4, bml, 1},
                                         {-1, 3, bml, 2},
                                         {-1, 2, bml, 3},
                                         {-1, 1, bms, 3},
                                         {-1, 1, bml, 4}},
                                        {{0, 1, 2, 3}, {4}});
  EXPECT_EQ(count_hit_pairs(sample, 0, {}), Pairs{5}) << "six pairs, one of them in one layer";
  const std::vector<float> thresholds{1.5F, 2.0F, 3.5F, 9.0F};
  EXPECT_EQ(count_hit_pairs(sample, 0, thresholds), (Pairs{5, 5, 2, 0, 0}));
}

TEST(HitPairs, LayersOfOtherStationsAndTechnologiesAreOtherLayers) {
  ScoredSample sample = one_event({{0, 1, bml, 1}, {0, 1, bms, 1}, {0, 1, bml, 1}}, {{0, 1, 2}});
  EXPECT_EQ(count_hit_pairs(sample, 0, {}), Pairs{2});
  sample.technology[2] = 2;
  EXPECT_EQ(count_hit_pairs(sample, 0, {}), Pairs{3});
}

TEST(HitPairs, OverlapHitsInTwoBucketsCountOnce) {
  const std::vector<PlacedHit> hits{
      {0, 5, bml, 1}, {0, 4, bml, 2}, {0, 3, bml, 3}, {0, 2, bml, 4}, {0, 1, bml, 1}};
  // 1 and 2 are in both buckets: their pair is one; each makes pairs on both sides.
  const Buckets buckets{{0, 1, 2}, {1, 2, 3, 4}};
  const ScoredSample sample = one_event(hits, buckets);
  EXPECT_EQ(count_hit_pairs(sample, 0, {}), Pairs{3 + 6 - 1});
  const std::vector<float> thresholds{1.5F, 2.5F};
  EXPECT_EQ(count_hit_pairs(sample, 0, thresholds), (Pairs{8, 5, 3}));
}

TEST(HitPairs, AreThoseOfACountOneByOne) {
  std::mt19937 random(5);
  std::vector<float> thresholds;
  for (int i = 0; i < 12; ++i) thresholds.push_back(static_cast<float>(i) - 0.5F);
  for (int event = 0; event < 40; ++event) {
    std::vector<PlacedHit> hits;
    for (int i = 0; i < 60; ++i) {
      hits.push_back({-1, static_cast<float>(random() % 10), random() % 3 == 0 ? bms : bml,
                      static_cast<std::uint8_t>(random() % 4)});
    }
    // Consecutive hits in consecutive buckets, some of them also in the next one.
    Buckets buckets(1);
    for (std::uint32_t hit = 0; hit < hits.size(); ++hit) {
      buckets.back().push_back(hit);
      if (random() % 8 != 0) continue;
      const std::vector<std::uint32_t>& last = buckets.back();
      const auto n_shared = std::min<std::ptrdiff_t>(random() % 5, std::ssize(last));
      buckets.push_back({last.end() - n_shared, last.end()});
    }
    const ScoredSample sample = one_event(hits, buckets);
    const Pairs pairs = count_hit_pairs(sample, 0, thresholds);
    EXPECT_EQ(pairs[0], brute_force(hits, buckets, -1));
    for (std::size_t i = 0; i < thresholds.size(); ++i)
      EXPECT_EQ(pairs[i + 1], brute_force(hits, buckets, thresholds[i])) << event << " " << i;
  }
}

TEST(HitPairs, AreSummedOverEventsAndHaveAPercentile) {
  // Event e has e + 1 hits in different layers, scores 1, 2, ...; 40 events.
  ScoredSample sample;
  for (std::uint32_t event = 0; event < 40; ++event) {
    std::vector<PlacedHit> hits;
    Buckets buckets(1);
    for (std::uint32_t hit = 0; hit <= event; ++hit) {
      hits.push_back({-1, static_cast<float>(hit + 1), bml, static_cast<std::uint8_t>(hit)});
      buckets[0].push_back(hit);
    }
    append_placed(sample, 0, hits, buckets);
  }
  const std::vector<float> thresholds{-1.0F, 10.0F, 100.0F};
  const std::vector<KeptAtThreshold> kept = count_kept(sample, thresholds);
  std::uint64_t before = 0, above = 0;
  for (std::uint64_t n = 1; n <= 40; ++n) {
    before += n * (n - 1) / 2;
    if (n > 10) above += (n - 10) * (n - 11) / 2;
  }
  // 38 of 40 events are 95 %: those with up to 38 hits.
  EXPECT_EQ(kept[0].pairs, (KeptPairs{40, before, before, 38 * 37 / 2}));
  EXPECT_EQ(kept[1].pairs, (KeptPairs{40, before, above, 28 * 27 / 2}));
  EXPECT_EQ(kept[2].pairs, (KeptPairs{40, before, 0, 0}));
}

TEST(HitPairs, OfEmptyEventsAndOfNoPlaces) {
  ScoredSample sample;
  append_placed(sample, 0, {});
  append_placed(sample, 0, {{-1, 1}}, {{}, {0}});
  const float threshold = 0;
  EXPECT_EQ(count_kept(sample, {&threshold, 1})[0].pairs, (KeptPairs{2, 0, 0, 0}));
  append(sample, core::EventTruth{}, {});
  EXPECT_EQ(count_kept(sample, {&threshold, 1})[0].pairs, KeptPairs{});
}

}  // namespace
}  // namespace stationhit::metrics
