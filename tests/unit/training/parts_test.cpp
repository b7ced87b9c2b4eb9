// Loss, gradients of a batch, orders, schedule.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <set>
#include <thread>

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/training/shuffle.hpp>

#include "../../../src/training/batch_gradients.hpp"
#include "../../../src/training/event_tensors.hpp"
#include "../../../src/training/loss.hpp"
#include "../../../src/training/optimizer.hpp"
#include "../../../src/training/progress_state.hpp"
#include "../../../src/training/samples.hpp"
#include "../../../src/training/schedule.hpp"
#include "../../../src/training/thin_background.hpp"
#include "toy_run.hpp"

namespace stationhit::training {
namespace {

TEST(Registries, HoldWhatTheConfigurationAllows) {
  EXPECT_EQ(known_losses(), rules::loss.allowed);
  EXPECT_EQ(known_optimizers(), rules::optimizer.allowed);
}

std::shared_ptr<models::Network> network_of(const TrainingRun& run) {
  torch::manual_seed(3);
  return models::build_network(run.model, run.features, run.normalization);
}

TEST(Loss, WeightedCrossEntropyByHand) {
  const std::vector<double> logits{0.3, -2.0, 5.0}, labels{1, 0, 0};
  double expected = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const double p = 1 / (1 + std::exp(-logits[i]));
    expected -= (labels[i] * 7.5 * std::log(p) + (1 - labels[i]) * std::log(1 - p)) / 3;
  }
  EXPECT_NEAR(node_loss({}, torch::tensor(logits, torch::kDouble),
                        torch::tensor(labels, torch::kDouble), 7.5)
                  .item<double>(),
              expected, 1e-12);
  EXPECT_EQ(node_loss({}, torch::zeros({0}), torch::zeros({0}), 2).item<double>(), 0);
}

TEST(Loss, WeightedFocalLossByHand) {
  const std::vector<double> logits{0.3, -2.0, 5.0, -60.0}, labels{1, 0, 0, 1},
      weights{1, 2, 0.5, 1};
  LossConfig config;
  config.name = "focal";
  config.alpha = 0.9;
  config.gamma = 1.5;
  double expected = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const double p = 1 / (1 + std::exp(labels[i] == 1 ? -logits[i] : logits[i]));
    expected -= weights[i] * (labels[i] == 1 ? 0.9 : 0.1) * std::pow(1 - p, 1.5) * std::log(p) / 4;
  }
  const auto tensor = [](const std::vector<double>& values) {
    return torch::tensor(values, torch::kDouble);
  };
  EXPECT_NEAR(
      node_loss(config, tensor(logits), tensor(labels), 7.5, tensor(weights)).item<double>(),
      expected, 1e-12);
}

TEST(Loss, FocalWithGammaZeroIsHalfTheCrossEntropyWithEqualAlphas) {
  LossConfig config;
  config.name = "focal";
  config.alpha = 0.5;
  config.gamma = 0;
  const auto logits = torch::randn({50}, torch::kDouble),
             labels = torch::randint(2, {50}, torch::kDouble);
  EXPECT_NEAR(node_loss(config, logits, labels, 1).item<double>(),
              node_loss({}, logits, labels, 1).item<double>() / 2, 1e-12);
}

// Two parameters, three steps with given gradients, against the formula in plain numbers.
TEST(Lion, StepsByHand) {
  const auto network = network_of(test::toy_run("unused"));
  OptimizerConfig config;
  config.name = "lion";
  config.learning_rate = 0.01;
  config.weight_decay = 0.5;
  const auto optimizer = make_optimizer(config, *network);
  torch::Tensor bias = network->named_parameters()["head.0.bias"];
  double p = bias.item<double>(), m = 0;
  for (const double g : {1.0, -0.05, -3.0}) {
    bias.mutable_grad() = torch::full({1}, g);
    optimizer->step();
    const double c = 0.9 * m + 0.1 * g;
    p = (1 - 0.01 * 0.5) * p - 0.01 * (c > 0 ? 1 : -1);
    m = 0.99 * m + 0.01 * g;
    EXPECT_NEAR(bias.item<double>(), p, 1e-6);
  }
}

TEST(EventTensors, AreTheValuesOfTheSample) {
  const std::vector<float> features{1, 2, 3, 4, 5, 6};
  const std::vector<std::int32_t> neighbours{1, -1, 0, -1, -1, -1};
  const std::vector<std::uint8_t> labels{0, 1, 0};
  const auto graph = graph_tensors(features, neighbours, std::vector<std::uint32_t>{0, 2, 3}, 2, 2);
  EXPECT_TRUE(torch::equal(graph.features, torch::arange(1, 7).to(torch::kFloat).view({3, 2})));
  EXPECT_TRUE(
      torch::equal(graph.neighbours, torch::tensor({{1, -1}, {0, -1}, {-1, -1}}, torch::kInt)));
  EXPECT_TRUE(torch::equal(label_tensor(labels), torch::tensor({0.0F, 1.0F, 0.0F})));
  EXPECT_EQ(graph_tensors({}, {}, {}, 2, 2).features.sizes(), (std::vector<std::int64_t>{0, 2}));
}

std::vector<std::shared_ptr<const Sample>> some_samples(const TrainingRun& run) {
  std::vector<std::shared_ptr<const Sample>> samples;
  for (const std::size_t hits : {90U, 0U, 1U, 200U, 40U}) {
    samples.push_back(std::make_shared<const Sample>(make_sample(features::label_event(
        test::learnable_events(hits + 1, 1, hits)[0], run.graph, run.features))));
  }
  return samples;
}

// The loss of the events put into one graph, and its gradients.
BatchGradients gradients_of_one_graph(models::Network& network,
                                      const std::vector<std::shared_ptr<const Sample>>& samples,
                                      std::int64_t k) {
  std::vector<torch::Tensor> features, neighbours, labels;
  std::int64_t first = 0;
  for (const auto& sample : samples) {
    const auto graph = graph_tensors(sample->features, sample->neighbours, sample->offsets, 2, k);
    features.push_back(graph.features);
    neighbours.push_back(
        torch::where(graph.neighbours < 0, graph.neighbours, graph.neighbours + first));
    labels.push_back(label_tensor(sample->labels));
    first += graph.features.size(0);
  }
  const auto loss = node_loss({}, network.forward({torch::cat(features), torch::cat(neighbours)}),
                              torch::cat(labels), 3);
  return {loss.item<double>(), torch::autograd::grad({loss}, network.parameters())};
}

TEST(BatchGradients, AreThoseOfTheMeanOverTheNodesOfAllEvents) {
  const TrainingRun run = test::toy_run("unused");
  const auto samples = some_samples(run);
  const auto network = network_of(run);
  const auto expected = gradients_of_one_graph(*network, samples, run.graph.k);
  const auto actual = batch_gradients(*network, samples, {{}, 3, run.graph.k, 1, 0, 2}, 0);
  EXPECT_NEAR(actual.loss, expected.loss, 1e-6);
  ASSERT_EQ(actual.gradients.size(), expected.gradients.size());
  for (std::size_t i = 0; i < actual.gradients.size(); ++i)
    EXPECT_TRUE(torch::allclose(actual.gradients[i], expected.gradients[i], 1e-4, 1e-6)) << i;
  for (const auto& parameter : network->parameters()) EXPECT_FALSE(parameter.grad().defined());
}

TEST(BatchGradients, DoNotDependOnTheNumberOfThreads) {
  TrainingRun run = test::toy_run("unused");
  run.model.dropout = 0.3;
  const auto samples = some_samples(run);
  const auto network = network_of(run);
  const auto one = batch_gradients(*network, samples, {{}, 3, run.graph.k, 1, 11, 1}, 8);
  for (const unsigned threads : {2U, 5U, 16U}) {
    const auto several =
        batch_gradients(*network, samples, {{}, 3, run.graph.k, 1, 11, threads}, 8);
    EXPECT_EQ(several.loss, one.loss);
    for (std::size_t i = 0; i < one.gradients.size(); ++i)
      EXPECT_TRUE(torch::equal(several.gradients[i], one.gradients[i])) << i;
  }
  EXPECT_NE(batch_gradients(*network, samples, {{}, 3, run.graph.k, 1, 12, 1}, 8).loss, one.loss)
      << "another seed, other dropout";
  EXPECT_NE(batch_gradients(*network, samples, {{}, 3, run.graph.k, 1, 11, 1}, 9).loss, one.loss)
      << "other events, other dropout";
}

TEST(BatchGradients, OfEventsWithoutNodesAreZero) {
  const TrainingRun run = test::toy_run("unused");
  const auto network = network_of(run);
  const auto empty = batch_gradients(*network, std::vector{std::make_shared<const Sample>()},
                                     {{}, 3, run.graph.k, 1, 0, 2}, 0);
  EXPECT_EQ(empty.loss, 0);
  for (const auto& gradient : empty.gradients) EXPECT_EQ(gradient.abs().sum().item<double>(), 0);
}

// Groups of 1, 2, ... 60 nodes, every tenth with a signal node; feature 0 is the number of the
// node, each node has the others of its group around it.
Sample grouped_sample() {
  Sample sample;
  sample.offsets = {0};
  for (std::uint32_t group = 1; group <= 60; ++group) {
    const std::uint32_t first = sample.offsets.back();
    for (std::uint32_t node = first; node < first + group; ++node) {
      sample.features.insert(sample.features.end(), {static_cast<float>(node), 0.5F});
      const auto other = static_cast<std::int32_t>(node == first ? first + group - 1 : node - 1);
      sample.neighbours.insert(sample.neighbours.end(), {group == 1 ? -1 : other, -1, -1});
      sample.labels.push_back(group % 10 == 0 && node == first);
    }
    sample.offsets.push_back(first + group);
  }
  return sample;
}

TEST(ThinBackground, KeepsGroupsWholeAndEverySignal) {
  const Sample all = grouped_sample(), kept = thin_background(all, 0.4, 7);
  ASSERT_GT(kept.labels.size(), 0U);
  ASSERT_LT(kept.labels.size(), all.labels.size());
  EXPECT_EQ(std::ranges::count(kept.labels, 1), std::ranges::count(all.labels, 1));
  for (std::size_t group = 0; group + 1 < kept.offsets.size(); ++group) {
    const auto begin = kept.offsets[group], end = kept.offsets[group + 1];
    const auto shift = static_cast<std::int32_t>(begin) -
                       static_cast<std::int32_t>(kept.features[std::size_t{begin} * 2]);
    const bool signal = std::find(kept.labels.begin() + begin, kept.labels.begin() + end, 1) !=
                        kept.labels.begin() + end;
    for (std::size_t node = begin; node < end; ++node) {
      const auto original = static_cast<std::size_t>(kept.features[node * 2]);
      EXPECT_EQ(kept.labels[node], all.labels[original]);
      EXPECT_EQ(kept.weights[node], signal ? 1.0F : 2.5F);
      const auto neighbour = all.neighbours[original * 3];
      EXPECT_EQ(kept.neighbours[node * 3], neighbour < 0 ? -1 : neighbour + shift);
      EXPECT_EQ(kept.neighbours[node * 3 + 1], -1);
    }
  }
}

TEST(ThinBackground, ChoiceDependsOnTheSeedOnlyAndShareOneKeepsAll) {
  const Sample all = grouped_sample();
  EXPECT_EQ(thin_background(all, 0.4, 7).features, thin_background(all, 0.4, 7).features);
  EXPECT_NE(thin_background(all, 0.4, 7).features, thin_background(all, 0.4, 8).features);
  const Sample whole = thin_background(all, 1, 7);
  EXPECT_EQ(whole.features, all.features);
  EXPECT_EQ(whole.neighbours, all.neighbours);
  EXPECT_EQ(whole.offsets, all.offsets);
  EXPECT_EQ(whole.weights, std::vector<float>(all.labels.size(), 1.0F));
  EXPECT_TRUE(thin_background(Sample{}, 0.4, 7).labels.empty());
}

// Averaged over many draws, loss and gradients are those of all groups: within five standard
// errors.
TEST(ThinBackground, LossIsWithoutBias) {
  TrainingRun run = test::toy_run("unused");
  const auto network = network_of(run);
  const std::vector<std::shared_ptr<const Sample>> samples{
      std::make_shared<const Sample>(grouped_sample())};
  const double expected = batch_gradients(*network, samples, {{}, 3, 3, 1, 0, 1}, 0).loss;
  const int draws = 400;
  double sum = 0, squares = 0;
  for (int draw = 0; draw < draws; ++draw) {
    const double loss =
        batch_gradients(*network, samples, {{}, 3, 3, 0.3, static_cast<std::uint64_t>(draw), 1}, 0)
            .loss;
    sum += loss;
    squares += loss * loss;
  }
  const double mean = sum / draws, error = std::sqrt((squares / draws - mean * mean) / draws);
  ASSERT_GT(error, 0);
  EXPECT_NEAR(mean, expected, 5 * error);
}

TEST(Shuffle, SeedsDifferByNumberAndSeed) {
  std::set<std::uint64_t> seeds;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    for (std::uint64_t number = 0; number < 30; ++number) seeds.insert(mixed_seed(seed, number));
  }
  EXPECT_EQ(seeds.size(), 900U);
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

TEST(Schedule, OneCycleRisesAndFallsAlongCosines) {
  SchedulerConfig config;
  config.name = "one_cycle";
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
  config.name = "cosine";
  config.warmup = 0.5;
  config.min_learning_rate = 0.02;
  const auto rate = [&](double progress) {
    return scheduled_learning_rate(config, 0.1, 7, progress);
  };
  EXPECT_DOUBLE_EQ(rate(0.25), 0.05);
  EXPECT_DOUBLE_EQ(rate(0.5), 0.1);
  EXPECT_DOUBLE_EQ(rate(0.75), 0.06);
  EXPECT_DOUBLE_EQ(rate(1), 0.02);
  config.warmup = 0;
  EXPECT_DOUBLE_EQ(rate(0), 0.1);
}

TEST(Schedule, OthersKeepTheRateOfTheEpochs) {
  SchedulerConfig config;
  for (const char* name : {"reduce_lr_on_plateau", "none"}) {
    config.name = name;
    EXPECT_EQ(scheduled_learning_rate(config, 0.1, 7, 0.3), 7);
  }
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

}  // namespace
}  // namespace stationhit::training
