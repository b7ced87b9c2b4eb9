// The decisions after an epoch: best epoch, learning rate, early stopping.
#include "../../../src/training/monitor.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/core/errors.hpp>

namespace stationhit::training {
namespace {

EpochMetrics epoch(std::int32_t number, double val_loss, double auc = 0) {
  EpochMetrics metrics;
  metrics.epoch = number;
  metrics.val_loss = val_loss;
  metrics.val_auc = auc;
  return metrics;
}

// Decides on the next epoch; true if it is the best so far.
bool advance(ProgressState& state, const TrainingConfig& config, const EpochMetrics& metrics) {
  const EpochDecision decision = decide_after_epoch(state, config, metrics);
  state = decision.progress;
  return decision.is_best;
}

TEST(Monitor, LearningRateFallsAfterMoreThanPatienceEpochsDownToTheLimit) {
  TrainingConfig config;
  config.scheduler.patience = 1;
  config.scheduler.factor = 0.1;
  config.scheduler.min_learning_rate = 5e-5;
  ProgressState state = start_progress(config);
  std::vector<double> rates;
  for (int i = 1; i <= 7; ++i) {
    EXPECT_EQ(advance(state, config, epoch(i, 1.0)), i == 1);
    rates.push_back(state.learning_rate);
  }
  const std::vector<double> expected{1e-3, 1e-3, 1e-4, 1e-4, 5e-5, 5e-5, 5e-5};
  for (std::size_t i = 0; i < 7; ++i) EXPECT_DOUBLE_EQ(rates[i], expected[i]) << i;
}

TEST(Monitor, TheMonitorDecidesWhatIsBetter) {
  TrainingConfig config;
  config.monitor = "val_auc";
  ProgressState state = start_progress(config);
  EXPECT_TRUE(advance(state, config, epoch(1, 1.0, 0.8)));
  EXPECT_FALSE(advance(state, config, epoch(2, 0.1, 0.7)));
  EXPECT_TRUE(advance(state, config, epoch(3, 2.0, 0.9)));
  EXPECT_FALSE(advance(state, config, epoch(4, 2.0, std::nan(""))));
  EXPECT_EQ(state.best_epoch, 3);
}

TEST(Monitor, SmallImprovementsDoNotDelayStopping) {
  TrainingConfig config;
  config.early_stopping.patience = 2;
  config.early_stopping.min_delta = 0.1;
  ProgressState state = start_progress(config);
  for (int i = 1; i <= 3; ++i) {
    EXPECT_TRUE(advance(state, config, epoch(i, 1.0 - 0.04 * i)));
    EXPECT_EQ(state.stopped_early, i == 3);
  }
}

TEST(Monitor, ABetterEpochStartsTheWaitAnew) {
  TrainingConfig config;
  config.early_stopping.patience = 2;
  ProgressState state = start_progress(config);
  const std::vector<double> losses{1.0, 1.1, 0.9, 0.95, 0.9};
  for (std::size_t i = 0; i < losses.size(); ++i) {
    EXPECT_EQ(advance(state, config, epoch(static_cast<std::int32_t>(i) + 1, losses[i])),
              i == 0 || i == 2);
    EXPECT_EQ(state.stopped_early, i == 4) << "an equal loss is no improvement";
  }
  EXPECT_EQ(state.best_epoch, 3);
  EXPECT_EQ(state.best, 0.9);
}

TEST(Monitor, WithoutEarlyStoppingNothingStops) {
  TrainingConfig config;
  config.early_stopping.enabled = false;
  config.early_stopping.patience = 1;
  ProgressState state = start_progress(config);
  for (int i = 1; i <= 5; ++i) {
    (void)advance(state, config, epoch(i, 1.0));
    EXPECT_FALSE(state.stopped_early);
  }
  EXPECT_EQ(state.stopping_waited, 4);
}

TEST(Monitor, ANumberThatIsMissingIsNeitherBestNorWaitedFor) {
  const TrainingConfig config;
  ProgressState state = start_progress(config);
  EXPECT_FALSE(advance(state, config, epoch(1, std::nan(""))));
  EXPECT_FALSE(state.best.has_value());
  EXPECT_EQ(state.best_epoch, 0);
  EXPECT_EQ(state.stopping_waited, 0);
  EXPECT_TRUE(advance(state, config, epoch(2, 5.0)));
}

TEST(Monitor, MorePatienceContinuesARunThatStopped) {
  TrainingConfig config;
  config.early_stopping.patience = 1;
  ProgressState state = start_progress(config);
  (void)advance(state, config, epoch(1, 1.0));
  (void)advance(state, config, epoch(2, 2.0));
  ASSERT_TRUE(state.stopped_early);
  EXPECT_EQ(continue_progress(state, config.early_stopping), state);
  config.early_stopping.patience = 2;
  EXPECT_FALSE(continue_progress(state, config.early_stopping).stopped_early);
  EXPECT_EQ(continue_progress(state, config.early_stopping).stopping_waited, 1);
}

TEST(Monitor, AMissingNumberIsAnErrorThatNamesTheMonitor) {
  TrainingConfig config;
  EXPECT_NO_THROW(require_monitored_value(config, epoch(3, 0.5, std::nan(""))));
  config.monitor = "val_auc";
  EXPECT_EQ(test::data_error([&] { require_monitored_value(config, epoch(3, 0.5, std::nan(""))); }),
            "training.monitor: val_auc is not a number after epoch 3: the validation split has "
            "no events, no signal hits or no background hits; check val_path");
}

TEST(Monitor, AChangedLearningRateKeepsWhatTheScheduleDid) {
  EXPECT_EQ(continue_learning_rate(0.003, 0.01, 0.01), 0.003);
  EXPECT_EQ(continue_learning_rate(0.01, 0.01, 0.02), 0.02);  // not yet lowered
  EXPECT_DOUBLE_EQ(continue_learning_rate(0.0025, 0.01, 0.02), 0.005);
}

}  // namespace
}  // namespace stationhit::training
