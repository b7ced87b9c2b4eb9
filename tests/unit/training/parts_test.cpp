// Loss, batches, orders, schedule, queue.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <set>

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/training/shuffle.hpp>

#include "../../../src/training/batch.hpp"
#include "../../../src/training/loss.hpp"
#include "../../../src/training/optimizer.hpp"
#include "../../../src/training/prefetcher.hpp"
#include "../../../src/training/progress_state.hpp"
#include "../../../src/training/samples.hpp"
#include "toy_run.hpp"

namespace stationhit::training {
namespace {

TEST(Registries, HoldWhatTheConfigurationAllows) {
  EXPECT_EQ(known_losses(), rules::loss.allowed);
  EXPECT_EQ(known_optimizers(), rules::optimizer.allowed);
}

TEST(Loss, WeightedCrossEntropyByHand) {
  const std::vector<double> logits{0.3, -2.0, 5.0}, labels{1, 0, 0};
  double expected = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const double p = 1 / (1 + std::exp(-logits[i]));
    expected -= (labels[i] * 7.5 * std::log(p) + (1 - labels[i]) * std::log(1 - p)) / 3;
  }
  EXPECT_NEAR(node_loss({}, torch::tensor(logits, torch::kDouble), torch::tensor(labels, torch::kDouble), 7.5).item<double>(), expected, 1e-12);
  EXPECT_EQ(node_loss({}, torch::zeros({0}), torch::zeros({0}), 2).item<double>(), 0);
}

TEST(Batch, NeighboursMoveWithTheirEvent) {
  const auto first = std::make_shared<const Sample>(Sample{{1, 2, 3, 4}, {1, -1, 0, -1}, {0, 1}});
  const auto empty = std::make_shared<const Sample>();
  const auto second = std::make_shared<const Sample>(Sample{{5, 6, 7, 8}, {1, -1, -1, -1}, {1, 0}});
  const std::vector<std::shared_ptr<const Sample>> samples{first, empty, second};
  const Batch batch = make_batch(samples, 2, 2);
  EXPECT_EQ(batch.events, 3U);
  EXPECT_TRUE(torch::equal(batch.graph.features, torch::arange(1, 9).to(torch::kFloat).view({4, 2})));
  EXPECT_TRUE(torch::equal(batch.graph.neighbours, torch::tensor({{1, -1}, {0, -1}, {3, -1}, {-1, -1}}, torch::kInt)));
  EXPECT_TRUE(torch::equal(batch.labels, torch::tensor({0.0F, 1.0F, 1.0F, 0.0F})));
}

TEST(Shuffle, IsAPermutationOfSeedAndEpoch) {
  const auto order = shuffled_order(1000, 5, 1);
  EXPECT_EQ(std::set<std::size_t>(order.begin(), order.end()).size(), 1000U);
  EXPECT_EQ(order, shuffled_order(1000, 5, 1));
  EXPECT_NE(order, shuffled_order(1000, 5, 2));
  EXPECT_NE(order, shuffled_order(1000, 6, 1));
  EXPECT_TRUE(shuffled_order(0, 1, 1).empty());
}

std::vector<std::size_t> epoch_sizes(const SampleSource& source, std::uint64_t epoch) {
  std::vector<std::size_t> sizes;
  auto stream = source.stream(epoch);
  while (const auto sample = stream()) sizes.push_back(sample->labels.size());
  return sizes;
}

TEST(SampleSource, EveryEpochHasEveryEventOnceInAnotherOrder) {
  test::ToyData data;
  data.train.clear();
  for (std::size_t i = 0; i < 20; ++i) data.train.push_back(test::random_event(i, 10 + i, 1));
  for (const std::size_t budget : {cache_budget, std::size_t{5000}}) {
    SampleSource source(test::toy_run("unused"), data.sources(), budget);
    const auto counts = source.prepare(true, {});
    EXPECT_EQ(counts.events, 20U);
    EXPECT_EQ(source.cached(), budget == cache_budget);
    auto first = epoch_sizes(source, 1), second = epoch_sizes(source, 2);
    EXPECT_EQ(first, epoch_sizes(source, 1));
    EXPECT_NE(first, second);
    std::ranges::sort(first);
    std::ranges::sort(second);
    EXPECT_EQ(first, second);
    EXPECT_EQ(first.size(), 20U);
  }
}

EpochMetrics epoch(std::int32_t number, double val_loss, double auc = 0) {
  EpochMetrics metrics;
  metrics.epoch = number;
  metrics.val_loss = val_loss;
  metrics.val_auc = auc;
  return metrics;
}

TEST(ProgressState, LearningRateFallsAfterMoreThanPatienceEpochsDownToTheLimit) {
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

TEST(ProgressState, TheMonitorDecidesWhatIsBetter) {
  TrainingConfig config;
  config.monitor = "val_auc";
  ProgressState state = start_progress(config);
  EXPECT_TRUE(advance(state, config, epoch(1, 1.0, 0.8)));
  EXPECT_FALSE(advance(state, config, epoch(2, 0.1, 0.7)));
  EXPECT_TRUE(advance(state, config, epoch(3, 2.0, 0.9)));
  EXPECT_FALSE(advance(state, config, epoch(4, 2.0, std::nan(""))));
  EXPECT_EQ(state.best_epoch, 3);
}

TEST(ProgressState, SmallImprovementsDoNotDelayStopping) {
  TrainingConfig config;
  config.early_stopping.patience = 2;
  config.early_stopping.min_delta = 0.1;
  ProgressState state = start_progress(config);
  for (int i = 1; i <= 3; ++i) {
    EXPECT_TRUE(advance(state, config, epoch(i, 1.0 - 0.04 * i)));
    EXPECT_EQ(state.stopped_early, i == 3);
  }
}

TEST(Prefetcher, KeepsOrderAndBoundsTheQueue) {
  std::atomic<int> made = 0;
  Prefetcher<int> numbers(3, [&]() -> std::optional<int> { return made < 100 ? std::optional(made++) : std::nullopt; });
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(numbers.next(), i);
    EXPECT_LE(made, i + 1 + 3 + 1);
  }
  EXPECT_EQ(numbers.next(), std::nullopt);
  EXPECT_EQ(numbers.next(), std::nullopt);
}

TEST(Prefetcher, PassesOnTheErrorAfterWhatWasMadeBefore) {
  int made = 0;
  Prefetcher<int> numbers(2, [&]() -> std::optional<int> {
    if (made == 2) throw core::DataError("broken shard");
    return made++;
  });
  EXPECT_EQ(numbers.next(), 0);
  EXPECT_EQ(numbers.next(), 1);
  EXPECT_THROW((void)numbers.next(), core::DataError);
}

TEST(Prefetcher, CanBeLeftEarly) {
  Prefetcher<int> numbers(1, [] { return std::optional(1); });
  EXPECT_EQ(numbers.next(), 1);
}

}  // namespace
}  // namespace stationhit::training
