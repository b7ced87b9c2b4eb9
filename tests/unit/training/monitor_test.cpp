// The decisions after an epoch: best epoch, learning rate.
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

TEST(Monitor, ANumberThatIsMissingIsNotTheBest) {
  const TrainingConfig config;
  ProgressState state = start_progress(config);
  EXPECT_FALSE(advance(state, config, epoch(1, std::nan(""))));
  EXPECT_FALSE(state.best.has_value());
  EXPECT_EQ(state.best_epoch, 0);
  EXPECT_TRUE(advance(state, config, epoch(2, 5.0)));
}

TEST(Monitor, AMissingNumberIsAnErrorThatNamesTheMonitor) {
  TrainingConfig config;
  EXPECT_NO_THROW(require_monitored_value(config, epoch(3, 0.5, std::nan(""))));
  config.monitor = "val_auc";
  EXPECT_EQ(test::data_error([&] { require_monitored_value(config, epoch(3, 0.5, std::nan(""))); }),
            "training.monitor: val_auc is not a number after epoch 3: the validation split has "
            "no events, no signal hits or no background hits; check val_path");
}

TEST(Monitor, PuritiesOfTheRunMayDecide) {
  TrainingConfig config;
  config.monitor = "val_purity_0.9";
  ProgressState state = start_progress(config);
  EpochMetrics first = epoch(1, 1.0), second = epoch(2, 0.5);
  first.val_purities = {{"val_purity_0.9", 0.4}};
  second.val_purities = {{"val_purity_0.9", 0.3}};
  EXPECT_TRUE(advance(state, config, first));
  EXPECT_FALSE(advance(state, config, second));
  EXPECT_NO_THROW(require_monitored_value(config, first));
}

TEST(Monitor, AReductionIsToldWithItsReason) {
  TrainingConfig config;
  config.monitor = "val_auc";
  config.scheduler.patience = 1;
  ProgressState state = start_progress(config);
  advance(state, config, epoch(1, 1.0, 0.8));
  advance(state, config, epoch(2, 1.0, 0.7));
  const ProgressState before = state;
  advance(state, config, epoch(3, 1.0, 0.75));
  EXPECT_EQ(describe_reduction(before, state, config, 3),
            "epoch 3: learning rate 0.001 -> 5e-04, because val_auc has not improved on the 0.8 "
            "of epoch 1 for 2 epochs (training.scheduler.patience: 1)");
}

TEST(Monitor, AChangedLearningRateKeepsWhatTheScheduleDid) {
  EXPECT_EQ(continue_learning_rate(0.003, 0.01, 0.01, 0), 0.003);
  EXPECT_EQ(continue_learning_rate(0.01, 0.01, 0.02, 0), 0.02);  // not yet lowered
  EXPECT_DOUBLE_EQ(continue_learning_rate(0.0025, 0.01, 0.02, 0), 0.005);
  // Not below the smallest rate of the schedule, and not above the setting.
  EXPECT_DOUBLE_EQ(continue_learning_rate(5e-4, 0.05, 0.001, 5e-4), 5e-4);
  EXPECT_DOUBLE_EQ(continue_learning_rate(5e-4, 0.05, 1e-4, 5e-4), 1e-4);
}

}  // namespace
}  // namespace stationhit::training
