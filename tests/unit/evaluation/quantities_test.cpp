#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include <stationhit/evaluation/quantities.hpp>

namespace stationhit::evaluation {
namespace {

TEST(Quantities, AreOfTheSampleOrAtAThresholdAndHaveTheirOwnKey) {
  std::set<std::string_view> keys;
  for (const Quantity& quantity : quantities()) {
    EXPECT_TRUE(keys.insert(quantity.key).second) << quantity.key;
    const int kinds = (quantity.of_sample != nullptr ? 1 : 0) +
                      (quantity.before_cut != nullptr ? 1 : 0) +
                      (quantity.at_threshold != nullptr ? 1 : 0);
    EXPECT_EQ(kinds, 1) << quantity.key;
  }
}

TEST(Quantities, HaveTheClopperPearsonIntervalThatTheyNeed) {
  for (const Quantity& quantity : quantities()) {
    const bool bootstrap_alone =
        quantity.at_threshold == nullptr || quantity.interval == IntervalSource::bootstrap;
    if (!bootstrap_alone) {
      EXPECT_NE(quantity.clopper_pearson, nullptr) << quantity.key;
    }
  }
}

TEST(Quantities, FollowFromWhatIsKept) {
  const metrics::KeptAtThreshold kept{.hits = {.true_positives = 8,
                                               .false_positives = 2,
                                               .true_negatives = 98,
                                               .false_negatives = 2},
                                      .n_events = 4,
                                      .muons = {1, 2},
                                      .two_layer_muons = {1, 4},
                                      .whole_segments = {3, 8},
                                      .usable_segments = {7, 8},
                                      .pairs = {4, 1000, 10, 7}};
  Estimates estimates;
  for (const Quantity& quantity : quantities()) {
    if (quantity.at_threshold != nullptr)
      estimates.add(quantity, {quantity.at_threshold(kept), {}});
  }
  EXPECT_DOUBLE_EQ(estimates["efficiency"].value, 0.8);
  EXPECT_DOUBLE_EQ(estimates["purity"].value, 0.8);
  EXPECT_DOUBLE_EQ(estimates["rejection"].value, 50);
  EXPECT_DOUBLE_EQ(estimates["hits_kept_per_event"].value, 2.5);
  EXPECT_DOUBLE_EQ(estimates["muons_kept_share"].value, 0.5);
  EXPECT_DOUBLE_EQ(estimates["two_layer_muons_kept_share"].value, 0.25);
  EXPECT_DOUBLE_EQ(estimates["whole_segments_share"].value, 0.375);
  EXPECT_DOUBLE_EQ(estimates["usable_segments_share"].value, 0.875);
  EXPECT_DOUBLE_EQ(estimates["hit_pairs_kept_per_event"].value, 2.5);
  EXPECT_DOUBLE_EQ(estimates["hit_pairs_kept_per_event_p95"].value, 7);
  EXPECT_DOUBLE_EQ(estimates["hit_pairs_reduction"].value, 100);
  const std::map<std::string, std::uint64_t> expected{
      {"muons_kept", 1},     {"muons", 2},    {"two_layer_muons_kept", 1}, {"two_layer_muons", 4},
      {"whole_segments", 3}, {"segments", 8}, {"usable_segments", 7}};
  const auto counts = counts_of_shares(kept);
  EXPECT_EQ((std::map<std::string, std::uint64_t>(counts.begin(), counts.end())), expected);
  EXPECT_EQ(counts.size(), expected.size());
}

}  // namespace
}  // namespace stationhit::evaluation
