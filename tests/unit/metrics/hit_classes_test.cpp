#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include <stationhit/core/technology.hpp>
#include <stationhit/metrics/hit_classes.hpp>

#include "placed_events.hpp"

namespace stationhit::metrics {
namespace {

// Two events with hits in BI, BM and BO; the last hit is of another technology and has an unknown
// station.
ScoredSample two_events() {
  ScoredSample sample;
  append_placed(sample, 1, {{0, 3, bil}, {0, 1, bml}, {-1, 2, bms}, {-1, 0, bol}});
  append_placed(sample, 1, {{0, 5, bml}, {-1, 4, bml}, {-1, 2, 255}});
  sample.technology.back() = 9;
  return sample;
}

TEST(HitClasses, KnownOnesComeFirstAndUnknownOnesFollow) {
  const HitClasses technologies = classify_by_technology(two_events());
  EXPECT_EQ(technologies.codes, (std::vector<std::uint8_t>{0, 2, 3, 4, 5, 9}));
  EXPECT_EQ(technologies.of_hit, (std::vector<std::uint8_t>{0, 0, 0, 0, 0, 0, 5}));
  const HitClasses layers = classify_by_station_layer(two_events());
  EXPECT_EQ(layers.codes, (std::vector<std::uint8_t>{0, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(layers.of_hit, (std::vector<std::uint8_t>{0, 1, 1, 2, 1, 1, 7}));
  ScoredSample without = two_events();
  without.event_buckets.pop_back();
  const HitClasses none = classify_by_station_layer(without);
  EXPECT_TRUE(none.codes.empty());
  EXPECT_TRUE(count_kept_by_class(without, none, std::vector<float>{0}).empty());
}

TEST(HitClasses, CountsAddUpToThoseOfTheSample) {
  const ScoredSample sample = two_events();
  const std::vector<float> thresholds{1.5F, -std::numeric_limits<float>::infinity(), 4.0F};
  const auto by_layer = count_kept_by_class(sample, classify_by_station_layer(sample), thresholds);
  ASSERT_EQ(by_layer.size(), 8U);
  EXPECT_EQ(by_layer[1][0].hits, (Counts{1, 2, 0, 1})) << "BM";
  EXPECT_EQ(by_layer[1][0].n_events, 2U);
  EXPECT_EQ(by_layer[2][0].hits, (Counts{0, 0, 1, 0})) << "BO";
  EXPECT_EQ(by_layer[7][0].hits, (Counts{0, 1, 0, 0})) << "unknown";
  EXPECT_EQ(by_layer[4][0].hits, Counts{}) << "EI has no hits";
  const std::vector<KeptAtThreshold> all = count_kept(sample, thresholds);
  for (std::size_t i = 0; i < thresholds.size(); ++i) {
    Counts sum;
    for (const auto& of_class : by_layer) {
      sum.true_positives += of_class[i].hits.true_positives;
      sum.false_positives += of_class[i].hits.false_positives;
      sum.true_negatives += of_class[i].hits.true_negatives;
      sum.false_negatives += of_class[i].hits.false_negatives;
    }
    EXPECT_EQ(sum, all[i].hits) << i;
  }
}

TEST(HitClasses, ReplicasOfClassesAddUpToThoseOfTheSample) {
  ScoredSample sample;
  for (int event = 0; event < 6; ++event) {
    const auto score = static_cast<float>(event);
    append_placed(sample, 1, {{0, score, bil}, {0, 4, bml}, {-1, 6 - score, bml}, {-1, 0, bol}});
  }
  const Replicas replicas = draw_replicas(sample.n_events(), {.replicas = 20});
  const std::vector<ThresholdRule> rules{{0.8, {}}, {0.0, 2.5F}};
  const ReplicaCounts all = count_replicas(sample, replicas, rules);
  const auto by_layer =
      count_replicas_by_class(sample, classify_by_station_layer(sample), replicas, rules);
  for (std::size_t rule = 0; rule < rules.size(); ++rule) {
    for (std::size_t replica = 0; replica < 20; ++replica) {
      std::uint64_t kept = 0, signal = 0;
      for (const ReplicaCounts& of_class : by_layer) {
        kept += of_class.of_rule(rule)[replica].hits.kept();
        signal += of_class.of_rule(rule)[replica].hits.true_positives;
      }
      EXPECT_EQ(kept, all.of_rule(rule)[replica].hits.kept());
      EXPECT_EQ(signal, all.of_rule(rule)[replica].hits.true_positives);
    }
  }
}

}  // namespace
}  // namespace stationhit::metrics
