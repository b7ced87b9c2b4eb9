// The state between two epochs: taking in epochs, continuing, ending.
#include "../../../src/training/training_state.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include <stationhit/core/errors.hpp>

#include "toy_run.hpp"

namespace stationhit::training {
namespace {

EpochMeasurement measurement(std::int32_t epoch, double val_loss) {
  EpochMeasurement measured;
  measured.metrics.epoch = epoch;
  measured.metrics.val_loss = val_loss;
  measured.thresholds = {{"0.99", 1.5F}};
  measured.events = 7;
  return measured;
}

TEST(TrainingState, AnEpochIsTakenInAndItsResultSaysWhatItMeans) {
  TrainingRun run = test::toy_run("unused");
  run.training.epochs = 10;
  TrainingState state = start_state(run.training);
  const EpochResult first = finish_epoch(state, run, measurement(1, 0.5));
  EXPECT_TRUE(first.is_best);
  EXPECT_EQ(first.metrics.val_loss, 0.5);
  EXPECT_EQ(first.thresholds.at("0.99"), 1.5F);
  EXPECT_FALSE(is_finished(state, run));
  const EpochResult second = finish_epoch(state, run, measurement(2, 0.6));
  EXPECT_FALSE(second.is_best);
  EXPECT_EQ(state.epoch, 2);
  EXPECT_EQ(state.progress.best_epoch, 1);
  ASSERT_EQ(state.history.size(), 2U);
  EXPECT_EQ(state.history[1].val_loss, 0.6);
}

TEST(TrainingState, EndsAfterTheLastEpochAndADebugRunAfterTwo) {
  TrainingRun run = test::toy_run("unused");
  run.training.epochs = 3;
  TrainingState state = start_state(run.training);
  state.epoch = 2;
  EXPECT_FALSE(is_finished(state, run));
  run.debug = true;
  EXPECT_TRUE(is_finished(state, run));
  run.debug = false;
  state.epoch = 3;
  EXPECT_TRUE(is_finished(state, run));
}

TEST(TrainingState, OnlyADebugRunMayLackTheMonitoredNumber) {
  TrainingRun run = test::toy_run("unused");
  TrainingState state = start_state(run.training);
  EXPECT_THROW((void)finish_epoch(state, run, measurement(1, std::nan(""))), core::DataError);
  EXPECT_TRUE(state.history.empty()) << "an epoch that is refused leaves the state as it was";
  run.debug = true;
  EXPECT_FALSE(finish_epoch(state, run, measurement(1, std::nan(""))).is_best);
  EXPECT_EQ(state.epoch, 1);
}

// Through the JSON text of the checkpoint, as a resumed run gets it.
TEST(TrainingState, ACheckpointGivesBackTheSameState) {
  TrainingRun run = test::toy_run("unused");
  TrainingState before = start_state(run.training);
  before.pos_weight = 170.25;
  for (const double loss : {0.5, 0.4, 0.45}) {
    const auto epoch = static_cast<std::int32_t>(before.history.size()) + 1;
    (void)finish_epoch(before, run, measurement(epoch, loss));
  }
  CheckpointMetadata metadata = describe_network(run, before);
  EXPECT_EQ(metadata.epoch, 3);
  EXPECT_EQ(metadata.feature_names, run.features);
  EXPECT_FALSE(metadata.progress.has_value());
  metadata.history = before.history;
  metadata.progress = before.progress;
  const TrainingState after = continue_state(metadata_from_json(to_json(metadata), "here"));
  EXPECT_EQ(after.epoch, 3);
  EXPECT_EQ(after.pos_weight, 170.25);
  EXPECT_EQ(after.progress, before.progress);
  ASSERT_EQ(after.history.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(after.history[i].epoch, before.history[i].epoch);
    EXPECT_EQ(after.history[i].val_loss, before.history[i].val_loss);
  }
}

}  // namespace
}  // namespace stationhit::training
