// Several ranks: what they exchange, who is lost, and that they train like one.
#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <csignal>
#include <mutex>
#include <numeric>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/scratch_folder.hpp>
#include <torch/torch.h>

#include <stationhit/core/files.hpp>
#include <stationhit/training/checkpoint.hpp>
#include <stationhit/training/run_files.hpp>
#include <stationhit/training/trainer.hpp>

#include "../../../src/training/non_finite.hpp"
#include "../../../src/training/own_events.hpp"
#include "../../../src/training/samples.hpp"
#include "../../../src/training/step_sum.hpp"
#include "../../../src/training/validation_part.hpp"
#include "network_of.hpp"
#include "ranks_in_threads.hpp"
#include "toy_run.hpp"

namespace stationhit::training {
namespace {

using std::chrono::seconds;
using test::run_ranks;
using test::ScratchFolder;
using test::toy_run;
using test::ToyData;

// Says which rank it is; must not be asked to communicate.
class Name final : public Communicator {
 public:
  Name(std::uint32_t rank, std::uint32_t size) : rank_(rank), size_(size) {}
  [[nodiscard]] std::uint32_t rank() const override { return rank_; }
  [[nodiscard]] std::uint32_t size() const override { return size_; }
  void sum(std::span<double> /*values*/) override { throw std::logic_error("no others"); }
  std::vector<std::string> exchange(const std::string& /*bytes*/) override {
    throw std::logic_error("no others");
  }

 private:
  std::uint32_t rank_, size_;
};

Ranks name(std::uint32_t rank, std::uint32_t size) {
  return Ranks(std::make_shared<Name>(rank, size));
}

TEST(Ranks, OneRankIsAlone) {
  const Ranks alone;
  EXPECT_TRUE(alone.is_first());
  EXPECT_TRUE(alone.takes(7));
  EXPECT_EQ(alone.exchange("text"), std::vector<std::string>{"text"});
  EXPECT_TRUE(alone.any(true));
  EXPECT_FALSE(alone.any(false));
}

TEST(Ranks, SumAndExchangeGiveAllTheSame) {
  run_ranks(3, [](const Ranks& ranks) {
    const double own = ranks.rank() + 1;
    std::array<double, 2> values{own, 0.1 * own};
    ranks.sum(values);
    EXPECT_EQ(values[0], 6);
    EXPECT_NEAR(values[1], 0.6, 1e-15);
    EXPECT_EQ(ranks.exchange(std::string(ranks.rank(), 'x')),
              (std::vector<std::string>{"", "x", "xx"}));
    EXPECT_TRUE(ranks.any(ranks.rank() == 1));
    EXPECT_FALSE(ranks.any(false));
  });
}

TEST(Ranks, ALostRankIsNamed) {
  const std::string error = test::expected_error<RankLost>([] {
    run_ranks(3, [](const Ranks& ranks) {
      if (ranks.rank() != 1) (void)ranks.any(false);  // rank 1 goes home
    });
  });
  EXPECT_CONTAINS(error, "rank 1 (");
  EXPECT_CONTAINS(error, "ended, or has not answered for rank_timeout = 60 s; the same command");
  EXPECT_EQ(error.find("rank 2"), std::string::npos) << error;
}

TEST(Ranks, ARankThatDoesNotAnswerIsNamed) {
  std::atomic<bool> noticed = false;
  const auto wait_for_rank_1 = [&](const Ranks& ranks) {
    try {
      (void)ranks.any(false);
    } catch (const RankLost&) {
      noticed = true;
      throw;
    }
  };
  const std::string error = test::expected_error<RankLost>([&] {
    run_ranks(
        2,
        [&](const Ranks& ranks) {
          if (ranks.is_first()) return wait_for_rank_1(ranks);
          while (!noticed) std::this_thread::sleep_for(std::chrono::milliseconds(20));
        },
        seconds(5));
  });
  EXPECT_CONTAINS(error, "rank 1 (");
  EXPECT_CONTAINS(error, "rank_timeout = 5 s");
}

TEST(Ranks, ARankThatDoesNotComeIsNamed) {
  EXPECT_CONTAINS(test::expected_error<RankLost>(
                      [] { (void)connect_ranks({.rank = 0, .size = 2}, seconds(1)); }),
                  "rank 1 of 2 did not come within 1 s; start all ranks");
}

// Writing to what another rank has closed raises the signal, which by default ends the process.
TEST(Ranks, AClosedConnectionIsAnErrorAndNoSignal) {
  std::signal(SIGPIPE, SIG_DFL);
  run_ranks(
      2, [](const Ranks& ranks) { (void)ranks.any(false); }, seconds(60));
  EXPECT_EQ(std::raise(SIGPIPE), 0);
}

TEST(OwnEvents, EveryEventIsTakenByOneRank) {
  const ToyData data;  // 7 events
  std::vector<std::size_t> sizes;
  for (std::uint32_t rank = 0; rank < 3; ++rank) {
    const auto own = take_own_events(test::labeled(data.train), name(rank, 3));
    std::size_t n = 0;
    while (own->next()) ++n;
    EXPECT_EQ(own->size(), n);
    sizes.push_back(n);
  }
  EXPECT_EQ(sizes, (std::vector<std::size_t>{3, 2, 2}));
  const auto limited = take_own_events(test::labeled(data.train), name(1, 3), 4);
  EXPECT_EQ(limited->size(), 1U);
  EXPECT_TRUE(limited->next());
  EXPECT_FALSE(limited->next());
}

std::vector<std::size_t> sizes_of(SampleStream& stream) {
  std::vector<std::size_t> sizes;
  while (const auto sample = stream.next()) sizes.push_back(sample->labels.size());
  return sizes;
}

TEST(SampleSource, TheOrderIsThatOfOneRank) {
  ToyData data;
  data.train.clear();
  for (std::size_t i = 0; i < 20; ++i) data.train.push_back(test::random_event(i, 10 + i, 1));
  const TrainingData sources = data.sources();
  for (const std::size_t budget : {std::size_t{1} << 30U, std::size_t{5000}}) {
    TrainingRun run = toy_run("unused");
    const auto stream = [&](const Ranks& ranks) {
      run.ranks = ranks;
      return read_samples(run, sources, Counting::all_events, {}, budget);
    };
    const auto whole_source = stream({}).source;
    run.ranks = {};
    const auto whole = sizes_of(*whole_source.stream(2));
    ASSERT_EQ(whole.size(), 20U);
    for (std::uint32_t rank = 0; rank < 3; ++rank) {
      const auto part_source = stream(name(rank, 3)).source;
      const auto part = sizes_of(*part_source.stream(2));
      for (std::size_t i = 0; i < part.size(); ++i) EXPECT_EQ(part[i], whole[3 * i + rank]);
      EXPECT_EQ(part.size(), rank < 2 ? 7U : 6U);
    }
  }
}

TEST(SampleSource, WithoutShufflingTheOrderIsThatOfTheSplit) {
  ToyData data;
  data.train.clear();
  for (std::size_t i = 0; i < 20; ++i) data.train.push_back(test::random_event(i, 10 + i, 1));
  const TrainingData sources = data.sources();
  TrainingRun run = toy_run("unused");
  run.training.overfit_batches = 1;
  std::vector<std::size_t> expected;
  for (const core::Event& event : data.train)
    expected.push_back(features::label_event(event, run.graph, run.features).labels.size());
  for (const std::size_t budget : {std::size_t{1} << 30U, std::size_t{5000}}) {
    const auto source = read_samples(run, sources, Counting::all_events, {}, budget).source;
    EXPECT_EQ(sizes_of(*source.stream(1)), expected);
    EXPECT_EQ(sizes_of(*source.stream(2)), expected);
  }
}

TEST(ValidationPart, IsTheSameFromItsBytes) {
  const ValidationPart part{{0.5, 2}, {3, 1}, {2, 0}, {1.5F, -2}, {1, 0}, {0}};
  EXPECT_EQ(validation_part_from(to_bytes(part)), part);
  const ValidationPart empty{{}, {}, {}, {}, {}, {1}};
  EXPECT_EQ(validation_part_from(to_bytes(empty)), empty);
}

TEST(ValidationPart, PartsAreMergedInTheOrderOfTheSplit) {
  const ValidationPart first{{1, 3}, {10, 30}, {2, 1}, {0.1F, 0.2F, 0.5F}, {0, 1, 1}, {0}},
      second{{2}, {20}, {2}, {0.3F, 0.4F}, {1, 0}, {0}};
  const ValidationPart all{{1, 2, 3},       {10, 20, 30}, {2, 2, 1}, {0.1F, 0.2F, 0.3F, 0.4F, 0.5F},
                           {0, 1, 1, 0, 1}, {0}};
  EXPECT_EQ(merge_parts({first, second}), all);
  EXPECT_EQ(merge_parts({first}), first);
  EXPECT_EQ(merge_parts({first, {{}, {}, {}, {}, {}, {1}}}).stopped.front(), 1);
}

Step some_step(double loss, std::uint64_t nodes, double gradient) {
  Step step;
  step.sum = {
      loss,
      nodes,
      {torch::full({2, 3}, gradient, torch::kDouble), torch::full({1}, -gradient, torch::kDouble)}};
  step.events = 1;
  return step;
}

TEST(StepSum, AddsWhatAllRanksHave) {
  run_ranks(2, [](const Ranks& ranks) {
    Step own = ranks.is_first() ? some_step(20, 30, 0.5) : some_step(40, 10, 39.5);
    own.stop = ranks.is_first();
    const Step all = sum_over_ranks(ranks, own);
    EXPECT_EQ(all.events, 2U);
    EXPECT_TRUE(all.stop);
    const BatchGradients mean = mean_gradients(all.sum);
    EXPECT_DOUBLE_EQ(mean.loss, 1.5);
    EXPECT_TRUE(torch::equal(mean.gradients[0], torch::full({2, 3}, 1.0F)));
    EXPECT_TRUE(torch::equal(mean.gradients[1], torch::full({1}, -1.0F)));
  });
}

// The result of each of two ranks.
std::vector<TrainingResult> train_on_two_ranks(const TrainingRun& run, const TrainingData& data) {
  std::vector<TrainingResult> results(2);
  run_ranks(2, [&](const Ranks& ranks) {
    TrainingRun own = run;
    own.ranks = ranks;
    results[ranks.rank()] = train(own, data, {});
  });
  return results;
}

void expect_same_weights(const models::Network& a, const models::Network& b) {
  const auto expected = b.named_parameters();
  for (const auto& item : a.named_parameters())
    EXPECT_TRUE(torch::equal(item.value(), expected[item.key()])) << item.key();
}

// A file of weights to begin from: ranks that are threads share the generator that draws them.
std::filesystem::path write_weights(TrainingRun run, const TrainingData& data,
                                    const ScratchFolder& folder) {
  run.directory = folder.path();
  run.training.epochs = 1;
  return train(run, data, {}).last_checkpoint;
}

// Architecture and the inputs of the training split: in memory, or read in every epoch.
class TwoRanks : public testing::TestWithParam<std::tuple<const char*, std::uint32_t>> {};

TEST_P(TwoRanks, TrainLikeOneWithTheDoubleBatch) {
  const ToyData data;
  const ScratchFolder weights_folder, one_folder, two_folder;
  TrainingRun run = toy_run(one_folder.path());
  std::tie(run.model.architecture, run.training.memory_limit) = GetParam();
  test::add_map_features(run);
  run.model.dropout = 0.2;
  run.training.background_share = 0.5;
  run.training.epochs = 3;
  run.training.batch_size = 4;
  run.training.optimizer.gradient_clip = 1;
  const TrainingData sources = data.sources(run);
  run.initial_weights = write_weights(run, sources, weights_folder);
  const auto one = train(run, sources, {});

  run.directory = two_folder.path();
  run.training.batch_size = 2;  // 7 events: the last step of an epoch has 2 and 1
  const auto two = train_on_two_ranks(run, sources);
  ASSERT_EQ(two[0].history.size(), one.history.size());
  for (std::size_t i = 0; i < one.history.size(); ++i) {
    EXPECT_NEAR(two[0].history[i].train_loss, one.history[i].train_loss, 1e-5);
    EXPECT_NEAR(two[0].history[i].val_loss, one.history[i].val_loss, 1e-5);
    EXPECT_EQ(two[1].history[i].val_loss, two[0].history[i].val_loss) << "all decide the same";
    EXPECT_EQ(two[0].history[i].learning_rate, one.history[i].learning_rate);
  }
  expect_same_weights(*two[1].network, *two[0].network);
  EXPECT_EQ(load_network(two[0].best_checkpoint).metadata.ranks, 2U);
}

TEST(TwoRanks, AccumulateLikeOneWithTheLargerBatch) {
  const ToyData data;
  const ScratchFolder weights_folder, one_folder, two_folder;
  TrainingRun run = toy_run(one_folder.path());
  const TrainingData sources = data.sources(run);
  run.initial_weights = write_weights(run, sources, weights_folder);
  run.training.batch_size = 4;
  run.training.limit_train_batches = 0;
  const auto one = train(run, sources, {});
  run.directory = two_folder.path();
  run.training.batch_size = 1;
  run.training.accumulate_batches = 2;  // 7 events: the last step has 2 and 1
  const auto two = train_on_two_ranks(run, sources);
  for (std::size_t i = 0; i < one.history.size(); ++i)
    EXPECT_NEAR(two[0].history[i].train_loss, one.history[i].train_loss, 1e-6);
  expect_same_weights(*two[1].network, *two[0].network);
}

TEST(TwoRanks, KeepTheSameAverageAndWriteOnce) {
  const ToyData data;
  const ScratchFolder weights_folder, one_folder, two_folder;
  TrainingRun run = toy_run(one_folder.path());
  const TrainingData sources = data.sources(run);
  run.initial_weights = write_weights(run, sources, weights_folder);
  run.training.callbacks = {CallbackType::ema, CallbackType::keep_best, CallbackType::steps};
  run.training.ema.decay = 0.5;
  run.training.batch_size = 4;
  const auto one = train(run, sources, {});
  run.directory = two_folder.path();
  run.training.batch_size = 2;
  const auto two = train_on_two_ranks(run, sources);
  expect_same_weights(*two[1].network, *two[0].network);
  for (std::size_t i = 0; i < one.history.size(); ++i)
    EXPECT_NEAR(two[0].history[i].val_loss, one.history[i].val_loss, 1e-5);
  EXPECT_TRUE(std::filesystem::exists(epoch_checkpoint(two_folder.path(), 2)));
  const auto lines = [](const std::filesystem::path& file) {
    const std::string text = core::read_text_file(file);
    return std::count(text.begin(), text.end(), '\n');
  };
  EXPECT_EQ(lines(two_folder / "steps.csv"), lines(one_folder / "steps.csv"));
}

TEST_P(TwoRanks, ContinueExactly) {
  const ToyData data;
  const ScratchFolder weights_folder, straight_folder, resumed_folder;
  TrainingRun run = toy_run(straight_folder.path());
  std::tie(run.model.architecture, run.training.memory_limit) = GetParam();
  test::add_map_features(run);
  const TrainingData sources = data.sources(run);
  run.initial_weights = write_weights(run, sources, weights_folder);
  run.training.epochs = 4;
  const auto straight = train_on_two_ranks(run, sources);
  run.directory = resumed_folder.path();
  run.training.epochs = 2;
  (void)train_on_two_ranks(run, sources);
  run.training.epochs = 4;
  const auto resumed = train_on_two_ranks(run, sources);
  for (std::uint32_t rank = 0; rank < 2; ++rank)
    expect_same_weights(*resumed[rank].network, *straight[rank].network);
}

INSTANTIATE_TEST_SUITE_P(Networks, TwoRanks,
                         testing::Combine(testing::Values("edgeconv", "two_stage"),
                                          testing::Values(1024U, 0U)));

// The metrics of a network do not depend on the ranks: nothing is learned here.
TEST(TwoRanks, MeasureExactlyWhatOneMeasures) {
  const ToyData data;
  const ScratchFolder weights_folder, one_folder, two_folder;
  TrainingRun run = toy_run(one_folder.path());
  const TrainingData sources = data.sources(run);
  run.initial_weights = write_weights(run, sources, weights_folder);
  run.training.epochs = 1;
  run.training.optimizer.learning_rate = 1e-30;
  run.training.optimizer.weight_decay = 0;
  run.training.scheduler.min_learning_rate = 0;
  const auto one = train(run, sources, {}).history.at(0);
  run.directory = two_folder.path();
  const auto two = train_on_two_ranks(run, sources).at(0).history.at(0);
  EXPECT_EQ(two.val_loss, one.val_loss);
  EXPECT_EQ(two.val_auc, one.val_auc);
  EXPECT_EQ(two.val_purity, one.val_purity);
  EXPECT_EQ(load_network(best_checkpoint(two_folder.path())).metadata.thresholds,
            load_network(best_checkpoint(one_folder.path())).metadata.thresholds);
}

TEST(TwoRanks, OtherEventsInOneOfThemAreRefused) {
  const ToyData data;
  const ScratchFolder folder;
  const std::string error = test::data_error([&] {
    run_ranks(2, [&](const Ranks& ranks) {
      TrainingRun run = toy_run(folder.path());
      run.ranks = ranks;
      run.training_events = ranks.is_first() ? "set a" : "set b";
      (void)train(run, data.sources(run), {});
    });
  });
  EXPECT_EQ(error,
            "rank 1 has other training events (set b) than rank 0 (set a); train_path must lead "
            "all ranks to the same events");
}

TEST(TwoRanks, AllNameTheEventThatOneOfThemFails) {
  const TrainingRun run = toy_run("unused");
  std::array<std::shared_ptr<models::Network>, 2> networks;
  std::array<std::vector<std::shared_ptr<const Sample>>, 2> samples;
  for (std::size_t rank = 0; rank < 2; ++rank) {
    networks[rank] = test::network_of(run);
    Sample sample = make_sample(
        features::label_event(test::learnable_events(1, 1)[0], run.graph, run.features));
    if (rank == 1) sample.features[0] = std::nanf("");
    sample.event_number = 4710 + rank;
    samples[rank] = {std::make_shared<const Sample>(std::move(sample))};
  }
  std::array<std::string, 2> errors;
  run_ranks(2, [&](const Ranks& ranks) {
    const std::uint32_t rank = ranks.rank();
    const StepSettings settings{{}, 3, run.graph.k, 1, 0, 1, 2};
    errors[rank] = test::error_of<NonFiniteStep>([&] {
      refuse_step(*networks[rank], {samples[rank], rank, std::nan(""), 1, 0}, settings, ranks);
    });
  });
  EXPECT_CONTAINS(errors[0], "the feature localZ of event 4711 is not finite");
  EXPECT_EQ(errors[1], errors[0]);
}

TEST(TwoRanks, StopTogetherAndContinue) {
  const ToyData data;
  const ScratchFolder weights_folder, straight_folder, stopped_folder;
  TrainingRun run = toy_run(straight_folder.path());
  const TrainingData sources = data.sources(run);
  run.initial_weights = write_weights(run, sources, weights_folder);
  const auto straight = train_on_two_ranks(run, sources);
  run.directory = stopped_folder.path();
  // Only rank 1 is asked to stop, in its second epoch.
  std::atomic<bool> stop = false;
  run_ranks(2, [&](const Ranks& ranks) {
    TrainingRun own = run;
    own.ranks = ranks;
    TrainingHooks hooks;
    if (!ranks.is_first()) {
      hooks.stop = &stop;
      hooks.progress = [&](const TrainingProgress& now) {
        stop = stop || (now.phase == Phase::training && now.epoch == 2);
      };
    }
    const auto result = train(own, sources, hooks);
    EXPECT_TRUE(result.interrupted);
    EXPECT_EQ(result.history.size(), 1U);
  });
  expect_same_weights(*train_on_two_ranks(run, sources)[0].network, *straight[0].network);
}

}  // namespace
}  // namespace stationhit::training
