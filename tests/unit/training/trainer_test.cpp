// The loop: learning, exact continuation, interruption, early stopping, debug runs, errors.
#include <fstream>
#include <map>
#include <sstream>

#include <gtest/gtest.h>
#include <support/case_name.hpp>
#include <support/expected_error.hpp>
#include <support/scratch_folder.hpp>
#include <torch/torch.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/metrics/ranked_scores.hpp>
#include <stationhit/models/network.hpp>
#include <stationhit/training/checkpoint.hpp>
#include <stationhit/training/scoring.hpp>
#include <stationhit/training/trainer.hpp>

#include "toy_run.hpp"

namespace stationhit::training {
namespace {

using test::ScratchFolder;
using test::toy_run;
using test::ToyData;

std::size_t lines(const std::filesystem::path& file) {
  const std::string text = core::read_text_file(file);
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

void expect_same_learning(const std::vector<EpochMetrics>& a, const std::vector<EpochMetrics>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].epoch, b[i].epoch);
    EXPECT_EQ(a[i].train_loss, b[i].train_loss) << "epoch " << a[i].epoch;
    EXPECT_EQ(a[i].val_loss, b[i].val_loss) << "epoch " << a[i].epoch;
    EXPECT_EQ(a[i].val_auc, b[i].val_auc);
    EXPECT_EQ(a[i].val_purities, b[i].val_purities);
    EXPECT_EQ(a[i].learning_rate, b[i].learning_rate);
  }
}

void expect_same_weights(const TrainingResult& a, const TrainingResult& b) {
  const auto expected = b.network->named_parameters();
  for (const auto& item : a.network->named_parameters())
    EXPECT_TRUE(torch::equal(item.value(), expected[item.key()])) << item.key();
}

TEST(Training, LossFallsTenfoldOnATinySample) {
  const ScratchFolder folder;
  const ToyData data;
  TrainingRun run = toy_run(folder.path());
  run.training.epochs = 60;
  run.training.early_stopping.enabled = false;
  const auto result = train(run, data.sources(), {});
  ASSERT_EQ(result.history.size(), 60U);
  EXPECT_LT(result.history.back().train_loss, result.history.front().train_loss / 10);
  EXPECT_GT(result.history.back().val_auc, 0.99);
  EXPECT_EQ(lines(folder.path() / "metrics.csv"), 61U);
}

TEST(Training, PuritiesAreThoseAtTheThresholdsOfTheCheckpoint) {
  const ScratchFolder folder;
  const ToyData data;
  TrainingRun run = toy_run(folder.path());
  run.working_points = {0.7, 0.99};
  const auto result = train(run, data.sources(), {});
  const auto best = load_network(result.best_checkpoint);
  const EpochMetrics& epoch = best.metadata.metrics;
  ASSERT_EQ(epoch.val_purities.size(), 1U) << "beside that at 0.99";
  const auto sample = score_sample(*best.network, *data.sources().validation());
  const metrics::RankedScores ranked(sample.score, metrics::hit_labels(sample));
  const auto purity_at = [&](const char* point) {
    return ranked.counts_at(best.metadata.thresholds.at(point)).purity();
  };
  EXPECT_EQ(epoch.val_purities.at("val_purity_0.7"), purity_at("0.7"));
  EXPECT_EQ(epoch.val_purity, purity_at("0.99"));
}

class ExactContinuation : public testing::TestWithParam<OptimizerType> {};

TEST_P(ExactContinuation, FourEpochsAreTwoAndTwo) {
  const ScratchFolder straight_folder, resumed_folder;
  const ToyData data;
  TrainingRun run = toy_run(straight_folder.path());
  run.training.optimizer.name = GetParam();
  run.training.optimizer.gradient_clip = 1.0;
  run.training.scheduler.patience = 0;  // the learning rate moves
  run.training.monitor = "val_purity_0.99";
  run.model.dropout = 0.1;
  run.training.epochs = 4;
  const auto straight = train(run, data.sources(), {});

  run.directory = resumed_folder.path();
  run.training.epochs = 2;
  ASSERT_EQ(train(run, data.sources(), {}).history.size(), 2U);
  run.training.epochs = 4;
  const auto resumed = train(run, data.sources(), {});
  expect_same_learning(resumed.history, straight.history);
  expect_same_weights(resumed, straight);
  EXPECT_EQ(resumed.best_epoch, straight.best_epoch);
  EXPECT_EQ(lines(resumed_folder.path() / "metrics.csv"), 5U);
}
INSTANTIATE_TEST_SUITE_P(Optimizers, ExactContinuation,
                         testing::Values(OptimizerType::adamw, OptimizerType::adam,
                                         OptimizerType::sgd, OptimizerType::lion),
                         test::CaseName());

// Architecture and kind of edges.
class EveryArchitecture : public testing::TestWithParam<std::tuple<std::string, graph::EdgeKind>> {
};

// Loss falls, and threads, thinning and a checkpoint that is read again change nothing.
TEST_P(EveryArchitecture, LearnsAndContinuesExactly) {
  const ScratchFolder straight_folder, resumed_folder;
  const ToyData data;
  TrainingRun run = toy_run(straight_folder.path());
  std::tie(run.model.architecture, run.graph.edges) = GetParam();
  test::add_map_features(run);
  run.model.bands = 2;
  run.training.background_share = 0.5;
  run.training.epochs = 12;
  const auto straight = train(run, data.sources(run), {});
  EXPECT_LT(straight.history.back().train_loss, 0.7 * straight.history.front().train_loss);
  run.directory = resumed_folder.path();
  run.threads = 2;
  run.training.epochs = 5;
  (void)train(run, data.sources(run), {});
  run.training.epochs = 12;
  const auto resumed = train(run, data.sources(run), {});
  expect_same_learning(resumed.history, straight.history);
  expect_same_weights(resumed, straight);
}
INSTANTIATE_TEST_SUITE_P(Networks, EveryArchitecture,
                         testing::ValuesIn(test::networks_with_edges(
                             {graph::EdgeKind::knn, graph::EdgeKind::fully_connected})),
                         test::CaseName());

TEST(Training, OneCycleFollowsTheSteps) {
  const ScratchFolder folder;
  const ToyData data;  // 7 events in batches of 2: 4 steps per epoch
  TrainingRun run = toy_run(folder.path());
  run.training.scheduler.name = SchedulerType::one_cycle;
  run.training.scheduler.warmup = 0.5;
  const auto history = train(run, data.sources(), {}).history;
  EXPECT_NEAR(history[0].learning_rate, 5e-3 / 25, 1e-15) << "that of the first step";
  EXPECT_DOUBLE_EQ(history[1].learning_rate, 5e-3) << "the second of two epochs begins at the top";
}

TEST(Training, AnInterruptedEpochIsTrainedAgain) {
  const ScratchFolder straight_folder, interrupted_folder;
  const ToyData data;
  TrainingRun run = toy_run(straight_folder.path());
  const auto straight = train(run, data.sources(), {});

  run.directory = interrupted_folder.path();
  std::atomic<bool> stop = false;
  TrainingHooks hooks;
  hooks.stop = &stop;
  hooks.progress = [&](const TrainingProgress& progress) {
    stop = stop || (progress.phase == Phase::training && progress.epoch == 2);
  };
  const auto interrupted = train(run, data.sources(), hooks);
  EXPECT_TRUE(interrupted.interrupted);
  EXPECT_EQ(interrupted.history.size(), 1U);
  expect_same_learning(train(run, data.sources(), {}).history, straight.history);
}

TEST(Training, TheSameSeedGivesTheSameLosses) {
  const ToyData data;
  const ScratchFolder first, second, third;
  const auto a = train(toy_run(first.path()), data.sources(), {});
  expect_same_learning(train(toy_run(second.path()), data.sources(), {}).history, a.history);
  TrainingRun other = toy_run(third.path());
  other.seed = 2;
  EXPECT_NE(train(other, data.sources(), {}).history[0].train_loss, a.history[0].train_loss);
}

TEST(Training, TheNumberOfThreadsChangesNothing) {
  const ToyData data;
  const ScratchFolder first, second;
  TrainingRun run = toy_run(first.path());
  run.model.dropout = 0.2;
  run.training.batch_size = 3;
  const auto one = train(run, data.sources(), {});
  run.directory = second.path();
  run.threads = 3;
  const auto three = train(run, data.sources(), {});
  expect_same_learning(three.history, one.history);
  expect_same_weights(three, one);
}

TEST(Training, StopsEarlyWithoutImprovement) {
  const ScratchFolder folder;
  const ToyData data;
  TrainingRun run = toy_run(folder.path());
  run.training.epochs = 50;
  run.training.optimizer.learning_rate = 1e-12;
  run.training.scheduler.min_learning_rate = 0;
  run.training.optimizer.weight_decay = 0;
  run.training.early_stopping.patience = 2;
  run.training.early_stopping.min_delta = 1e-3;
  TrainingHooks hooks;
  std::vector<std::string> messages;
  hooks.log = core::Logger(
      [&](core::LogLevel, const std::string& message) { messages.push_back(message); });
  const auto result = train(run, data.sources(), hooks);
  EXPECT_EQ(result.history.size(), 3U);  // the first is the best, then two without improvement
  const float best = static_cast<float>(result.history.front().val_loss);
  EXPECT_EQ(messages.back(),
            "early stopping after epoch 3 of 50: val_loss has not improved on the " +
                core::to_text(best) +
                " of epoch 1 by more than 0.001 for 2 epochs "
                "(training.early_stopping)");
  EXPECT_EQ(train(run, data.sources(), {}).history.size(), 3U) << "a finished run stays finished";
}

TEST(Training, EveryReductionOfTheLearningRateIsTold) {
  const ScratchFolder folder;
  const ToyData data;
  TrainingRun run = toy_run(folder.path());
  run.training.epochs = 4;
  run.training.optimizer.learning_rate = 1e-12;
  run.training.optimizer.weight_decay = 0;
  run.training.monitor = "val_purity_0.995";  // it does not move
  run.training.scheduler = {.patience = 1, .min_learning_rate = 0};
  TrainingHooks hooks;
  std::vector<std::string> reductions;
  hooks.log = core::Logger([&](core::LogLevel, const std::string& message) {
    if (message.find(": learning rate ") != std::string::npos) reductions.push_back(message);
  });
  const auto result = train(run, data.sources(), hooks);
  EXPECT_EQ(result.history.back().learning_rate, 5e-13);
  ASSERT_EQ(reductions.size(), 1U);
  EXPECT_CONTAINS(
      reductions[0],
      "epoch 3: learning rate 1e-12 -> 5e-13, because val_purity_0.995 has not improved");
}

TEST(Training, PosWeightIsBackgroundOverSignalNodes) {
  const ScratchFolder folder;
  const ToyData data;
  TrainingRun run = toy_run(folder.path());
  run.training.epochs = 1;
  const auto result = train(run, data.sources(), {});
  double signal = 0, nodes = 0;
  for (const auto& event : data.train) {
    for (const auto hit : event.buckets.hits) {
      signal += event.hits.truth_link[hit] >= 0;
      ++nodes;
    }
  }
  EXPECT_DOUBLE_EQ(result.pos_weight, (nodes - signal) / signal);
  EXPECT_DOUBLE_EQ(load_network(result.best_checkpoint).metadata.pos_weight, result.pos_weight);
}

TEST(Training, ThresholdsKeepTheirShareOfTheValidationHits) {
  const ScratchFolder folder;
  const ToyData data;
  const auto result = train(toy_run(folder.path()), data.sources(), {});
  const auto best = load_network(result.best_checkpoint);
  const auto sample = score_sample(*best.network, *test::labeled(data.validation));
  ASSERT_EQ(best.metadata.thresholds.size(), 3U);
  for (const auto& [working_point, threshold] : best.metadata.thresholds) {
    double kept = 0, signal = 0;
    for (std::size_t i = 0; i < sample.n_hits(); ++i) {
      if (sample.truth_link[i] < 0) continue;
      ++signal;
      kept += sample.score[i] > threshold;
    }
    EXPECT_GE(kept / signal, std::stod(working_point));
    EXPECT_LT((kept - 1) / signal, std::stod(working_point)) << "not the largest threshold";
  }
}

TEST(Training, DebugRunWritesNothingAndIsShort) {
  const ScratchFolder folder;
  ToyData data;
  data.train = test::learnable_events(1, 20);
  TrainingRun run = toy_run(folder.path() / "run");
  run.training.epochs = 30;
  run.debug = true;
  std::uint64_t most_events = 0;
  TrainingHooks hooks;
  hooks.progress = [&](const TrainingProgress& progress) {
    most_events = std::max(most_events, progress.events);
  };
  EXPECT_EQ(train(run, data.sources(), hooks).history.size(), 2U);
  EXPECT_EQ(most_events, 6U);
  EXPECT_FALSE(std::filesystem::exists(run.directory));
}

template <class Error>
std::string error_of(const TrainingRun& run, const ToyData& data) {
  return test::error_of<Error>([&] { (void)train(run, data.sources(), {}); });
}

TEST(Training, WrongSettingsAreNamed) {
  const ScratchFolder folder;
  const ToyData data;
  TrainingRun run = toy_run(folder.path());
  run.training.loss.pos_weight = -1;
  EXPECT_EQ(error_of<core::ConfigError>(run, data),
            "training.loss.pos_weight: expected auto or a number > 0, found '-1'");
  run = toy_run(folder.path());
  run.training.monitor = "loss";
  EXPECT_EQ(error_of<core::ConfigError>(run, data),
            "training.monitor: expected one of " +
                core::join(comparable_metrics(run.working_points)) + ", found 'loss'");
}

TEST(Training, DataThatCannotBeLearnedFromAreNamed) {
  const ScratchFolder folder;
  ToyData data;
  for (auto& event : data.train) event.hits.truth_link.assign(event.hits.size(), -1);
  EXPECT_NE(error_of<core::DataError>(toy_run(folder.path()), data)
                .find("auto needs signal hits, but the 7 events"),
            std::string::npos);
  data.train.clear();
  EXPECT_NE(error_of<core::DataError>(toy_run(folder.path()), data)
                .find("the training split has no events; check train_path"),
            std::string::npos);
  data = {};
  data.validation.clear();
  EXPECT_NE(
      error_of<core::DataError>(toy_run(folder.path()), data)
          .find("training.sanity_val_batches: before epoch 1 the loss of the first 4 events of "
                "the validation split is not finite"),
      std::string::npos);
  TrainingRun run = toy_run(folder.path());
  run.training.sanity_val_batches = 0;
  EXPECT_CONTAINS(error_of<core::DataError>(run, data),
                  "training.monitor: val_loss is not a number after epoch 1");
}

TEST(Training, AccumulatedBatchesAreOneLargeBatch) {
  const ScratchFolder large_folder, small_folder;
  const ToyData data;  // 7 events: the last step has one batch, and that is not full
  TrainingRun run = toy_run(large_folder.path());
  run.model.dropout = 0.1;
  run.training.background_share = 0.5;
  run.training.batch_size = 6;
  const auto large = train(run, data.sources(), {});
  run.directory = small_folder.path();
  run.training.batch_size = 2;
  run.training.accumulate_batches = 3;
  const auto small = train(run, data.sources(), {});
  expect_same_learning(small.history, large.history);
  expect_same_weights(small, large);
}

// The number of events of every training and validation, by the progress that they show.
std::map<std::pair<Phase, std::int32_t>, std::uint64_t> count_events(const TrainingRun& run,
                                                                     const ToyData& data) {
  std::map<std::pair<Phase, std::int32_t>, std::uint64_t> events;
  TrainingHooks hooks;
  hooks.progress = [&](const TrainingProgress& now) {
    events[{now.phase, now.epoch}] = now.events;
  };
  (void)train(run, data.sources(), hooks);
  return events;
}

TEST(Training, EpochsAndValidationsMayBeLimited) {
  const ScratchFolder folder;
  const ToyData data;
  TrainingRun run = toy_run(folder.path());
  run.training.batch_size = 1;
  run.training.accumulate_batches = 2;
  run.training.limit_train_batches = 3;  // a step of two and one of one
  run.training.limit_val_batches = 2;
  run.training.sanity_val_batches = 1;
  auto events = count_events(run, data);
  EXPECT_EQ((events[{Phase::reading, 0}]), 7U);
  EXPECT_EQ((events[{Phase::validation, 0}]), 1U);
  for (const std::int32_t epoch : {1, 2}) {
    EXPECT_EQ((events[{Phase::training, epoch}]), 3U);
    EXPECT_EQ((events[{Phase::validation, epoch}]), 2U);
  }
}

TEST(Training, WithoutLimitsAllEventsAreUsed) {
  const ScratchFolder folder;
  auto events = count_events(toy_run(folder.path()), {});
  EXPECT_EQ((events[{Phase::validation, 0}]), 3U) << "two batches would be four";
  EXPECT_EQ((events[{Phase::training, 1}]), 7U);
  EXPECT_EQ((events[{Phase::validation, 2}]), 3U);
}

TEST(Training, TryingTheValidationChangesNothing) {
  const ScratchFolder with_folder, without_folder;
  const ToyData data;
  TrainingRun run = toy_run(with_folder.path());
  run.model.dropout = 0.2;
  const auto with = train(run, data.sources(), {});
  run.directory = without_folder.path();
  run.training.sanity_val_batches = 0;
  const auto without = train(run, data.sources(), {});
  expect_same_learning(with.history, without.history);
  expect_same_weights(with, without);
}

// Torch once more, which gives the same numbers; and a scorer that gives each node the same logit.
TEST(Training, AnotherScorerValidatesTheNetworkAsItIsThen) {
  const ScratchFolder folder;
  const ToyData data;
  TrainingRun run = toy_run(folder.path());
  run.model.dropout = 0.2;
  run.keeps_files = false;
  run.training.sanity_val_batches = 0;
  const auto expected = train(run, data.sources(), {});
  std::size_t asked = 0;
  TrainingHooks hooks;
  hooks.make_scorer = [&](models::Network& network) {
    EXPECT_FALSE(network.is_training());
    ++asked;
    return torch_scorer(network);
  };
  expect_same_learning(train(run, data.sources(), hooks).history, expected.history);
  EXPECT_EQ(asked, 2U) << "once per epoch";
  hooks.make_scorer = [](models::Network&) -> NodeScorer {
    return [](const features::EventInputs& event) {
      return std::vector<float>(event.nodes.size(), 1);
    };
  };
  EXPECT_EQ(train(run, data.sources(), hooks).history.back().val_auc, 0.5);
  hooks.make_scorer = [](models::Network&) { return NodeScorer(); };
  expect_same_learning(train(run, data.sources(), hooks).history, expected.history);
}

// From memory and read in every epoch.
class Overfit : public testing::TestWithParam<std::uint32_t> {};

TEST_P(Overfit, TrainsAndValidatesOnTheSameEvents) {
  const ScratchFolder folder, part_folder;
  const ToyData data;
  ToyData part = data;
  part.train.resize(4);
  part.validation = part.train;
  TrainingRun run = toy_run(folder.path());
  run.training.memory_limit = GetParam();
  run.training.overfit_batches = 2;
  run.training.epochs = 30;
  run.training.early_stopping.enabled = false;
  const auto overfitted = train(run, data.sources(), {});
  EXPECT_LT(overfitted.history.back().val_loss, overfitted.history.front().val_loss / 3);
  // Nothing else of the splits is used, its order does not change, and limits have no effect.
  run.training.limit_train_batches = run.training.limit_val_batches = 1;
  run.directory = part_folder.path();
  expect_same_learning(train(run, part.sources(), {}).history, overfitted.history);
}
INSTANTIATE_TEST_SUITE_P(Inputs, Overfit, testing::Values(1024U, 0U));

TEST(Training, ALossThatIsNotFiniteStops) {
  const ScratchFolder folder;
  const ToyData data;
  TrainingRun run = toy_run(folder.path());
  run.training.optimizer.name = OptimizerType::sgd;
  run.training.optimizer.learning_rate = 1e30;
  const std::string error = error_of<core::DataError>(run, data);
  EXPECT_CONTAINS(error, "epoch 1 after 2 events: the output of ");
  EXPECT_CONTAINS(error, "lower training.optimizer.learning_rate");
}

TEST(Training, ACheckpointOfAnotherNetworkIsRefused) {
  const ScratchFolder folder;
  const ToyData data;
  (void)train(toy_run(folder.path()), data.sources(), {});
  TrainingRun run = toy_run(folder.path());
  run.features = {"driftR", "localZ"};
  EXPECT_EQ(error_of<core::DataError>(run, data),
            (folder.path() / "checkpoints" / "last.safetensors").string() +
                ": made with features [\"localZ\",\"driftR\"], the configuration has "
                "[\"driftR\",\"localZ\"]; give another experiment_dir, or set "
                "training.resume: false to start again");
  run = toy_run(folder.path());
  run.model.width = 17;
  EXPECT_NE(error_of<core::DataError>(run, data).find(
                "made with model.width 16, the configuration has 17"),
            std::string::npos);
  run = toy_run(folder.path());
  run.graph.k = 5;
  EXPECT_NE(error_of<core::DataError>(run, data).find("made with graph.k 4"), std::string::npos);
  run = toy_run(folder.path());
  run.training.optimizer.name = OptimizerType::sgd;
  EXPECT_NE(error_of<core::DataError>(run, data).find("training.optimizer.name \"adamw\""),
            std::string::npos);
  run.training.resume = false;
  EXPECT_EQ(train(run, data.sources(), {}).history.size(), 2U);
}

}  // namespace
}  // namespace stationhit::training
