#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/known_models.hpp>
#include <support/random_event.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/inference/profile.hpp>

namespace stationhit {
namespace {

using inference::HitClassifier;

// Three events, one of them without hits.
std::vector<core::Event> some_events() {
  return {test::random_event(1, 500, 1), test::random_event(2, 600, 1),
          test::random_event(3, 0, 0)};
}

TEST(EventProfile, TimesEveryStageOfEveryCall) {
  const HitClassifier classifier(test::write_model(test::table_model()));
  const auto profile = profile_events(classifier, some_events(), 4);
  for (const auto& stage :
       {profile.nodes, profile.features, profile.tables, profile.network, profile.scores}) {
    EXPECT_EQ(stage.n, 12U);
    EXPECT_GT(stage.max, 0);
    EXPECT_LE(stage.p50, stage.p99);
  }
  EXPECT_TRUE(profile.steps.empty());  // ONNX Runtime runs the network as a whole
  EXPECT_FALSE(profile.allocations);
}

TEST(EventProfile, CountsTheAllocationsOfAnEvent) {
  const HitClassifier classifier(test::write_model(test::table_model()));
  // Every look at the counter finds one allocation more, and there are four per event.
  std::uint64_t count = 0;
  const auto profile = profile_events(classifier, some_events(), 1, [&] { return count++; });
  ASSERT_TRUE(profile.allocations);
  EXPECT_EQ(profile.allocations->preparation, 1);
  EXPECT_EQ(profile.allocations->network, 1);
  EXPECT_EQ(profile.allocations->total, 3);
  EXPECT_EQ(count, 3U * 3U * 4U);  // two passes before the one that counts
}

TEST(EventProfile, NeedsEvents) {
  const HitClassifier classifier(test::write_model(test::nodes_model()));
  EXPECT_THROW((void)profile_events(classifier, {}, 1), core::UsageError);
}

}  // namespace
}  // namespace stationhit
