// The learning-rate range test.
#include <atomic>
#include <cmath>

#include <gtest/gtest.h>
#include <support/scratch_folder.hpp>

#include <stationhit/training/learning_rate_test.hpp>
#include <stationhit/training/run_files.hpp>
#include <stationhit/training/trainer.hpp>

#include "toy_run.hpp"

namespace stationhit::training {
namespace {

namespace fs = std::filesystem;
using test::ScratchFolder;
using test::ToyData;

TEST(LearningRateTest, TheRateRisesByEqualFactors) {
  const LearningRateRange range{.first = 1e-4, .last = 1, .steps = 5};
  for (std::uint32_t i = 0; i < 5; ++i)
    EXPECT_NEAR(learning_rate_of_step(range, i) / std::pow(10, static_cast<int>(i) - 4), 1, 1e-12);
}

// Steps with these losses; the rates are 0, 1, ...
std::vector<LearningRateStep> steps_of(const std::vector<double>& losses) {
  std::vector<LearningRateStep> steps;
  for (const double loss : losses) append_step(steps, static_cast<double>(steps.size()), loss);
  smooth_losses(steps);
  return steps;
}

TEST(LearningRateTest, TheRunningAverageHasNoBias) {
  const auto steps = steps_of({2, 2, 4});
  EXPECT_DOUBLE_EQ(steps[0].running, 2);
  EXPECT_DOUBLE_EQ(steps[1].running, 2);
  const double a = 0.95;
  EXPECT_NEAR(steps[2].running, (2 * a * a + 2 * a + 4) / (a * a + a + 1), 1e-12);
}

TEST(LearningRateTest, TheSmoothedLossDoesNotLag) {
  std::vector<double> losses;
  for (int i = 0; i < 40; ++i) losses.push_back(3 - 0.05 * i);
  for (const LearningRateStep& step : steps_of(losses))
    EXPECT_NEAR(step.smoothed, step.loss, 1e-12) << "of a straight line";
  losses.assign(41, 0.0);
  losses[20] = 121;
  const auto steps = steps_of(losses);
  for (std::size_t distance = 0; distance <= 11; ++distance) {
    EXPECT_NEAR(steps[20 + distance].smoothed, 11.0 - static_cast<double>(distance), 1e-12);
    EXPECT_NEAR(steps[20 - distance].smoothed, 11.0 - static_cast<double>(distance), 1e-12);
  }
}

std::vector<double> falling_and_rising() {
  std::vector<double> losses(20, 1.0);                          // nothing is learned
  for (int i = 0; i < 20; ++i) losses.push_back(1 - 0.04 * i);  // then more and more
  for (int i = 0; i < 20; ++i) losses.push_back(0.2);
  return losses;
}

TEST(LearningRateTest, TheSuggestionIsWhereTheLossFallsFastest) {
  const auto suggestion = suggest_learning_rate(steps_of(falling_and_rising()));
  ASSERT_TRUE(suggestion);
  EXPECT_GT(*suggestion, 25);
  EXPECT_LT(*suggestion, 35) << "the fall is from step 20 to step 40";
}

TEST(LearningRateTest, WithoutAFallThereIsNoSuggestion) {
  EXPECT_FALSE(suggest_learning_rate(steps_of({1, 1, 1})));
  EXPECT_FALSE(suggest_learning_rate(steps_of(std::vector<double>(30, 1.0))));
  std::vector<double> rising;
  for (int i = 0; i < 30; ++i) rising.push_back(1 + i);
  EXPECT_FALSE(suggest_learning_rate(steps_of(rising)));
}

TEST(LearningRateTest, FourTimesTheSmallestLossIsDivergence) {
  std::vector<double> losses = falling_and_rising();
  EXPECT_FALSE(has_diverged(steps_of(losses)));
  losses.insert(losses.end(), 20, 1.0);
  EXPECT_FALSE(has_diverged(steps_of(losses)));
  losses.insert(losses.end(), 20, 2.0);
  EXPECT_TRUE(has_diverged(steps_of(losses)));
  EXPECT_FALSE(has_diverged(steps_of({0.1, 9}))) << "too few steps say nothing";
}

TrainingRun run_in(const fs::path& folder) {
  TrainingRun run = test::toy_run(folder);
  run.training.monitor = "val_purity_0.99";
  return run;
}

TEST(LearningRateTest, ARisingRateTrainsAndWritesNothing) {
  const ScratchFolder folder;
  const ToyData data;  // 4 steps per epoch
  const TrainingRun run = run_in(folder / "run");
  const LearningRateRange range{.first = 1e-5, .last = 1e-2, .steps = 30};
  const auto test = test_learning_rates(run, data.sources(run), range, {});
  ASSERT_EQ(test.steps.size(), 30U);
  EXPECT_FALSE(test.diverged);
  EXPECT_FALSE(test.interrupted);
  EXPECT_DOUBLE_EQ(test.steps.front().learning_rate, 1e-5);
  EXPECT_DOUBLE_EQ(test.steps.back().learning_rate, 1e-2);
  EXPECT_LT(test.steps.back().running, test.steps.front().running);
  EXPECT_EQ(test.steps.back().smoothed, test.steps.back().loss);
  EXPECT_FALSE(fs::exists(run.directory));
}

TEST(LearningRateTest, ATrainingThatIsThereStaysAsItIs) {
  const ScratchFolder folder;
  const ToyData data;
  const TrainingRun run = run_in(folder.path());
  (void)train(run, data.sources(run), {});
  const auto before = fs::last_write_time(last_checkpoint(folder.path()));
  const auto test =
      test_learning_rates(run, data.sources(run), {.first = 1e-5, .last = 1e-3, .steps = 12}, {});
  EXPECT_EQ(test.steps.size(), 12U);
  EXPECT_EQ(fs::last_write_time(last_checkpoint(folder.path())), before);
}

TEST(LearningRateTest, ADivergingLossEndsIt) {
  const ScratchFolder folder;
  const ToyData data;
  TrainingRun run = run_in(folder / "run");
  run.training.optimizer.name = OptimizerType::sgd;
  const auto test =
      test_learning_rates(run, data.sources(run), {.first = 1e-4, .last = 1e12, .steps = 60}, {});
  EXPECT_TRUE(test.diverged);
  EXPECT_LT(test.steps.size(), 60U);
  EXPECT_FALSE(test.interrupted);
}

TEST(LearningRateTest, MayBeInterrupted) {
  const ScratchFolder folder;
  const ToyData data;
  std::atomic<bool> stop = false;
  TrainingHooks hooks;
  hooks.stop = &stop;
  hooks.progress = [&](const TrainingProgress& now) { stop = stop || now.epoch == 2; };
  const TrainingRun run = run_in(folder / "run");
  const auto test = test_learning_rates(run, data.sources(run),
                                        {.first = 1e-5, .last = 1e-3, .steps = 50}, hooks);
  EXPECT_TRUE(test.interrupted);
  EXPECT_LT(test.steps.size(), 9U);
}

TEST(LearningRateTest, OfTwoStagesItTestsTheSecondWhenTheFirstIsFinished) {
  const ScratchFolder folder;
  const ToyData data;
  TrainingRun run = run_in(folder.path());
  run.model.architecture = "two_stage";
  run.training.first_stage_epochs = 2;
  test::add_map_features(run);
  (void)train(run, data.sources(run), {});
  const auto first = last_checkpoint(first_stage_directory(folder.path()));
  const auto before = fs::last_write_time(first);
  const auto test =
      test_learning_rates(run, data.sources(run), {.first = 1e-5, .last = 1e-3, .steps = 12}, {});
  EXPECT_EQ(test.steps.size(), 12U);
  EXPECT_EQ(fs::last_write_time(first), before);
}

}  // namespace
}  // namespace stationhit::training
