// Learning rates that follow the course of the training.
#include "../../../src/training/schedule.hpp"

#include <gtest/gtest.h>

namespace stationhit::training {
namespace {

TEST(Schedule, OneCycleRisesAndFallsAlongCosines) {
  SchedulerConfig config;
  config.name = SchedulerType::one_cycle;
  config.warmup = 0.25;
  const auto rate = [&](double progress) {
    return scheduled_learning_rate(config, 0.1, 7, progress);
  };
  EXPECT_DOUBLE_EQ(rate(0), 0.004);
  EXPECT_DOUBLE_EQ(rate(0.125), (0.1 + 0.004) / 2);
  EXPECT_DOUBLE_EQ(rate(0.25), 0.1);
  EXPECT_DOUBLE_EQ(rate(0.625), (0.1 + 4e-7) / 2);
  EXPECT_NEAR(rate(1), 4e-7, 1e-12);
  EXPECT_NEAR(rate(1.5), 4e-7, 1e-12) << "steps beyond the announced number";
}

TEST(Schedule, CosineFallsToTheSmallestRate) {
  SchedulerConfig config;
  config.name = SchedulerType::cosine;
  config.warmup = 0.5;
  config.min_learning_rate = 0.02;
  const auto rate = [&](double progress) {
    return scheduled_learning_rate(config, 0.1, 7, progress);
  };
  EXPECT_DOUBLE_EQ(rate(0), 0.004);
  EXPECT_DOUBLE_EQ(rate(0.25), 0.052);
  EXPECT_DOUBLE_EQ(rate(0.5), 0.1);
  EXPECT_DOUBLE_EQ(rate(0.75), 0.06);
  EXPECT_DOUBLE_EQ(rate(1), 0.02);
  config.warmup = 0;
  EXPECT_DOUBLE_EQ(rate(0), 0.1);
}

TEST(Schedule, OthersKeepTheRateOfTheEpochs) {
  SchedulerConfig config;
  for (const SchedulerType name : {SchedulerType::reduce_lr_on_plateau, SchedulerType::none}) {
    config.name = name;
    EXPECT_EQ(scheduled_learning_rate(config, 0.1, 7, 0.3), 7);
  }
}

}  // namespace
}  // namespace stationhit::training
