// When a training ends early.
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include <stationhit/training/early_stopping.hpp>

namespace stationhit::training {
namespace {

// Whether the training ends after each of the epochs.
std::vector<bool> stops_after(const EarlyStoppingConfig& config,
                              const std::vector<double>& values) {
  EarlyStoppingState state;
  std::vector<bool> stops;
  for (const double value : values) {
    state = take_in(state, config, value);
    stops.push_back(state.stopped);
  }
  return stops;
}

using Stops = std::vector<bool>;

TEST(EarlyStopping, ABetterEpochStartsTheWaitAnew) {
  EXPECT_EQ(stops_after({.patience = 2}, {1.0, 1.1, 0.9, 0.95, 0.9}),
            (Stops{false, false, false, false, true}))
      << "an equal value is no improvement";
}

TEST(EarlyStopping, SmallImprovementsDoNotDelayIt) {
  EXPECT_EQ(stops_after({.patience = 2, .min_delta = 0.1}, {0.96, 0.92, 0.88}),
            (Stops{false, false, true}));
}

TEST(EarlyStopping, ItMayBeOffAndCountsAllTheSame) {
  const EarlyStoppingConfig off{.enabled = false, .patience = 1};
  EXPECT_EQ(stops_after(off, {1, 1, 1}), (Stops{false, false, false}));
  EarlyStoppingState state;
  for (int i = 0; i < 3; ++i) state = take_in(state, off, 1);
  EXPECT_EQ(state.waited, 2);
  EXPECT_TRUE(continued(state, {.enabled = true, .patience = 2}).stopped);
}

TEST(EarlyStopping, ANumberThatIsMissingIsPassedOver) {
  EXPECT_EQ(stops_after({.patience = 1}, {std::nan(""), 1, std::nan(""), 2}),
            (Stops{false, false, false, true}));
}

TEST(EarlyStopping, MorePatienceContinuesARunThatStopped) {
  EarlyStoppingState state;
  for (const double value : {1.0, 2.0}) state = take_in(state, {.patience = 1}, value);
  ASSERT_TRUE(state.stopped);
  EXPECT_EQ(continued(state, {.patience = 1}), state);
  EXPECT_FALSE(continued(state, {.patience = 2}).stopped);
  EXPECT_EQ(continued(state, {.patience = 2}).waited, 1);
}

TEST(EarlyStopping, ACheckpointKeepsItsState) {
  const EarlyStoppingState state{3, 1.0 / 3, true};
  EXPECT_EQ(early_stopping_from(to_numbers(state)), state);
  EXPECT_EQ(early_stopping_from(to_numbers({})), EarlyStoppingState{});
  CheckpointMetadata metadata;
  EXPECT_FALSE(stopped_early(metadata));
  metadata.callbacks[early_stopping_name] = to_numbers(state);
  EXPECT_TRUE(stopped_early(metadata_from_json(to_json(metadata), "here")));
}

TEST(EarlyStopping, CheckpointsOfOlderVersionsHaveItInTheProgress) {
  CheckpointMetadata older;
  older.progress = ProgressState{};
  std::string text = to_json(older);
  const auto replace = [&](const std::string& before, const std::string& after) {
    ASSERT_NE(text.find(before), std::string::npos) << text;
    text.replace(text.find(before), before.size(), after);
  };
  replace(R"("callbacks":{},)", "");
  replace(R"("schedule_waited":0)",
          R"("schedule_waited":0,"stopping_waited":8,"stopping_best":0.25,"stopped_early":true)");
  const CheckpointMetadata metadata = metadata_from_json(text, "here");
  EXPECT_TRUE(stopped_early(metadata));
  EXPECT_EQ(early_stopping_from(metadata.callbacks.at(early_stopping_name)),
            (EarlyStoppingState{8, 0.25, true}));
}

}  // namespace
}  // namespace stationhit::training
