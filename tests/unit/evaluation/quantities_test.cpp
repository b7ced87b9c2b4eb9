#include <set>

#include <gtest/gtest.h>

#include <stationhit/evaluation/quantities.hpp>

namespace stationhit::evaluation {
namespace {

TEST(Quantities, AreOfTheSampleOrAtAThresholdAndHaveTheirOwnKey) {
  std::set<std::string_view> keys;
  for (const Quantity& quantity : quantities()) {
    EXPECT_TRUE(keys.insert(quantity.key).second) << quantity.key;
    EXPECT_NE(quantity.of_sample == nullptr, quantity.at_threshold == nullptr) << quantity.key;
  }
}

TEST(Quantities, HaveTheClopperPearsonIntervalThatTheyNeed) {
  for (const Quantity& quantity : quantities()) {
    const bool bootstrap_alone =
        quantity.at_threshold == nullptr || quantity.interval == IntervalSource::bootstrap;
    if (quantity.by_technology || !bootstrap_alone) {
      EXPECT_NE(quantity.clopper_pearson, nullptr) << quantity.key;
    }
  }
}

TEST(Quantities, FollowFromWhatIsKept) {
  const KeptAtThreshold kept{.hits = {.true_positives = 8,
                                      .false_positives = 2,
                                      .true_negatives = 98,
                                      .false_negatives = 2},
                             .n_events = 4,
                             .muons_kept = 1,
                             .n_muons = 2};
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
}

}  // namespace
}  // namespace stationhit::evaluation
