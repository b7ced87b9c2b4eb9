// Callbacks of a training: when they are called, what they write, and that a continued training is
// the same as an uninterrupted one.
#include "../../../src/training/callbacks.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/scratch_folder.hpp>
#include <torch/torch.h>

#include <stationhit/core/files.hpp>
#include <stationhit/data/safetensors.hpp>
#include <stationhit/training/checkpoint.hpp>
#include <stationhit/training/run_files.hpp>
#include <stationhit/training/trainer.hpp>

#include "toy_run.hpp"

namespace stationhit::training {
namespace {

namespace fs = std::filesystem;
using test::ScratchFolder;
using test::ToyData;

// Writes down the calls, counts the epochs in its state, and may end the training.
class Recorder final : public Callback {
 public:
  explicit Recorder(std::int32_t stop_after = 100) : stop_after_(stop_after) {}

  [[nodiscard]] std::string name() const override { return "recorder"; }
  void begin(const TrainingStart& start) override {
    calls += "begin " + std::to_string(start.history.size()) + "\n";
  }
  void before_step(const StepReport& step) override {
    calls += "before " + std::to_string(step.epoch) + "." + std::to_string(step.step) + "\n";
    events = step.events;
    if (step.step == 1) gradient_ = step.gradients.back().clone();
  }
  void after_step(const StepReport& step, const models::Network& network) override {
    calls += "after " + std::to_string(step.epoch) + "." + std::to_string(step.step) + "\n";
    EXPECT_FALSE(network.parameters().empty());
  }
  void after_epoch(const EpochReport& epoch) override {
    calls += "epoch " + std::to_string(epoch.result.metrics.epoch) + "\n";
    EXPECT_EQ(epoch.history.back().val_loss, epoch.result.metrics.val_loss);
    EXPECT_EQ(epoch.checkpoint.epoch, epoch.result.metrics.epoch);
    ++epochs;
  }
  void after_save() override { calls += "saved\n"; }
  void end(const core::Logger& /*log*/) override { calls += "end\n"; }
  [[nodiscard]] bool wants_stop() const override { return epochs >= stop_after_; }
  [[nodiscard]] CallbackState state() const override {
    return {{{"epochs", epochs}}, {{"gradient", gradient_}}};
  }
  void restore(const CallbackState& state) override {
    epochs = static_cast<std::int32_t>(state.numbers.at("epochs"));
    gradient_ = state.tensors.at("gradient");
    calls += "restored\n";
  }

  std::string calls;
  std::int32_t epochs = 0;
  std::uint64_t events = 0;

 private:
  std::int32_t stop_after_;
  torch::Tensor gradient_ = torch::zeros({1});
};

// Of a training of the toy sample.
struct Recorded {
  std::shared_ptr<Recorder> recorder;
  TrainingResult result;
};

Recorded record(const TrainingRun& run, const ToyData& data, std::int32_t stop_after = 100) {
  Recorded recorded{std::make_shared<Recorder>(stop_after), {}};
  TrainingHooks hooks;
  hooks.callbacks = {recorded.recorder};
  recorded.result = train(run, data.sources(run), hooks);
  return recorded;
}

TEST(Callbacks, AreCalledInOrderAndContinueWithTheirState) {
  const ScratchFolder folder;
  ToyData data;
  data.train.resize(3);  // two steps per epoch
  TrainingRun run = test::toy_run(folder.path());
  run.training.epochs = 1;
  const auto first = record(run, data).recorder;
  EXPECT_EQ(first->calls,
            "begin 0\nbefore 1.1\nafter 1.1\nbefore 1.2\nafter 1.2\nepoch 1\nsaved\nend\n");
  EXPECT_EQ(first->events, 3U);
  run.training.epochs = 2;
  const auto second = record(run, data).recorder;
  EXPECT_EQ(second->calls,
            "restored\nbegin 1\nbefore 2.1\nafter 2.1\nbefore 2.2\nafter 2.2\nepoch 2\nsaved\n"
            "end\n");
  EXPECT_EQ(second->epochs, 2);
}

TEST(Callbacks, OneOfThemMayEndTheTraining) {
  const ScratchFolder folder;
  const ToyData data;
  TrainingRun run = test::toy_run(folder.path());
  run.training.epochs = 9;
  EXPECT_EQ(record(run, data, 2).result.history.size(), 2U);
  EXPECT_EQ(record(run, data, 2).result.history.size(), 2U) << "it stays ended";
}

TEST(Callbacks, OfTheCallerBelongToTheSecondStage) {
  const ScratchFolder folder;
  const ToyData data;
  TrainingRun run = test::toy_run(folder.path());
  run.model.architecture = "two_stage";
  run.training.first_stage_epochs = 3;
  run.training.epochs = 1;
  test::add_map_features(run);
  EXPECT_EQ(record(run, data).recorder->epochs, 1);
}

// The columns of a row.
std::vector<std::string> split(const std::string& row) {
  std::vector<std::string> values;
  std::istringstream text(row);
  for (std::string value; std::getline(text, value, ',');) values.push_back(value);
  return values;
}

std::vector<std::vector<std::string>> rows_of(const fs::path& file) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream text(core::read_text_file(file));
  for (std::string row; std::getline(text, row);) rows.push_back(split(row));
  return rows;
}

TrainingRun run_with(const std::vector<CallbackType>& callbacks, const fs::path& folder) {
  TrainingRun run = test::toy_run(folder);
  run.training.callbacks = callbacks;
  run.training.epochs = 4;
  run.training.optimizer.gradient_clip = 0.01;
  return run;
}

TEST(Steps, EveryStepHasItsRow) {
  const ScratchFolder folder;
  const ToyData data;  // 7 events: 4 steps per epoch
  const auto result = train(run_with({CallbackType::steps}, folder.path()), data.sources(), {});
  const auto rows = rows_of(folder / "steps.csv");
  ASSERT_EQ(rows.size(), 1U + 4 * 4);
  EXPECT_EQ(rows[0], split("epoch,step,events,learning_rate,loss,gradient_norm"));
  EXPECT_EQ(rows[4][0] + rows[4][1] + rows[4][2], "147");
  EXPECT_EQ(rows[5][0] + rows[5][1] + rows[5][2], "212");
  EXPECT_EQ(std::stod(rows[1][3]), 5e-3);
  EXPECT_GT(std::stod(rows[1][5]), 0.01) << "before clipping";
  EXPECT_NEAR(std::stod(rows[1][4]), result.history[0].train_loss, 0.5);
}

TEST(Norms, AreThoseOfTheTensors) {
  const ScratchFolder folder;
  const ToyData data;
  TrainingRun run = run_with({CallbackType::norms, CallbackType::steps}, folder.path());
  const auto result = train(run, data.sources(), {});
  const auto rows = rows_of(folder / "norms.csv");
  const auto parameters = result.network->trained_parameters();
  ASSERT_EQ(rows.size(), 1 + 4 * (parameters.size() + 1));
  double all = 0;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto& row = rows[rows.size() - parameters.size() - 1 + i];
    EXPECT_EQ(row[0], "4");
    EXPECT_EQ(row[1], parameters[i].key());
    const auto norm = parameters[i].value().norm().item<double>();
    EXPECT_NEAR(std::stod(row[2]), norm, 1e-5 * norm) << row[1];
    all += norm * norm;
  }
  const auto& last = rows.back();
  EXPECT_EQ(last[1], "all");
  EXPECT_NEAR(std::stod(last[2]), std::sqrt(all), 1e-4);
  double sum = 0, largest = 0;
  for (const auto& step : rows_of(folder / "steps.csv")) {
    if (step[0] != "4") continue;
    sum += std::pow(std::stod(step[5]), 2) / 4;
    largest = std::max(largest, std::stod(step[5]));
  }
  EXPECT_NEAR(std::stod(last[3]), std::sqrt(sum), 1e-6 * largest);
  EXPECT_NEAR(std::stod(last[4]), largest, 1e-6 * largest);
}

TEST(Profile, ThePartsAreNoMoreThanTheWhole) {
  const ScratchFolder folder;
  const ToyData data;
  TrainingRun run = run_with({CallbackType::profile}, folder.path());
  run.training.memory_limit = 0;  // so that other threads make the inputs
  (void)train(run, data.sources(), {});
  const auto rows = rows_of(folder / "profile.csv");
  ASSERT_EQ(rows.size(), 13U);
  double sum = 0;
  for (const auto& row : rows) {
    if (row[0] == "part") continue;
    if (row[0] == "forward" || row[0] == "backward" || row[0] == "validation" ||
        row[0].starts_with("(graph")) {
      EXPECT_GT(std::stod(row[1]), 0) << row[0];
    }
    if (row[0] != "total" && !row[0].starts_with("(")) sum += std::stod(row[1]);
    const bool is_of_events = row[0] != "checkpoints" && row[0] != "other" && row[0] != "total";
    ASSERT_EQ(row.size(), is_of_events ? 4U : 3U) << row[0];
    if (!is_of_events) continue;
    const int events = row[0] == "validation" ? 4 * 3 : 4 * 7;
    EXPECT_NEAR(std::stod(row[3]), 1000 * std::stod(row[1]) / events, 1e-6) << row[0];
  }
  EXPECT_NEAR(sum, std::stod(rows.back()[1]), 1e-6);
  EXPECT_GT(std::stod(rows[11][1]), -1e-3) << "the parts do not overlap";
}

std::set<std::string> files_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename());
  return names;
}

TEST(KeepBest, TheCheckpointsOfTheBestEpochsStay) {
  const ScratchFolder folder;
  const ToyData data;
  TrainingRun run = run_with({CallbackType::keep_best}, folder.path());
  run.training.keep_best = {.k = 2, .metric = "train_loss"};
  run.training.epochs = 6;
  const auto result = train(run, data.sources(), {});
  // The loss of the training falls, so the last epochs are the best.
  ASSERT_LT(result.history[5].train_loss, result.history[4].train_loss);
  EXPECT_EQ(files_in(folder / "checkpoints"),
            (std::set<std::string>{"best.safetensors", "last.safetensors", "epoch_005.safetensors",
                                   "epoch_006.safetensors"}));
  const auto kept = load_network(epoch_checkpoint(folder.path(), 5));
  EXPECT_EQ(kept.metadata.epoch, 5);
  EXPECT_EQ(kept.metadata.metrics.val_loss, result.history[4].val_loss);
  EXPECT_FALSE(kept.metadata.thresholds.empty());
  // A training that begins again has none of them.
  run.training.resume = false;
  run.training.callbacks.clear();
  run.training.epochs = 1;
  (void)train(run, data.sources(), {});
  EXPECT_EQ(files_in(folder / "checkpoints"),
            (std::set<std::string>{"best.safetensors", "last.safetensors"}));
}

TEST(KeepBest, WhatAKilledTrainingLeftIsRemoved) {
  const ScratchFolder folder;
  const ToyData data;
  TrainingRun run = run_with({CallbackType::keep_best}, folder.path());
  run.training.epochs = 1;
  (void)train(run, data.sources(), {});
  core::write_text_file(epoch_checkpoint(folder.path(), 9), "of an epoch that was never finished");
  run.training.epochs = 2;
  (void)train(run, data.sources(), {});
  EXPECT_EQ(files_in(folder / "checkpoints").count("epoch_009.safetensors"), 0U);
  EXPECT_EQ(files_in(folder / "checkpoints").count("epoch_002.safetensors"), 1U);
}

TEST(KeepBest, ACheckpointThatWasRemovedIsNotNamed) {
  const ScratchFolder folder;
  const ToyData data;
  TrainingRun run = run_with({CallbackType::keep_best}, folder.path());
  run.training.keep_best = {.k = 2, .metric = "train_loss"};
  run.training.epochs = 2;
  (void)train(run, data.sources(), {});
  ASSERT_TRUE(fs::remove(epoch_checkpoint(folder.path(), 2)));
  ++run.training.epochs;
  std::string said;
  TrainingHooks hooks;
  hooks.log = core::Logger([&](core::LogLevel, const std::string& text) { said += text + "\n"; });
  const auto result = train(run, data.sources(), hooks);
  ASSERT_EQ(result.history.size(), 3U);
  EXPECT_CONTAINS(said, "has the checkpoints of the epochs 1, 3, the best by train_loss");
}

// The average as it is defined, from the weights after every step.
class ExpectedAverage final : public Callback {
 public:
  [[nodiscard]] std::string name() const override { return "expected_average"; }
  void after_step(const StepReport& /*step*/, const models::Network& network) override {
    const torch::NoGradGuard no_grad;
    const auto weights = network.trained_parameters().values();
    if (average.empty()) {
      for (const auto& tensor : weights) average.push_back(tensor.to(torch::kDouble));
      return;
    }
    ++steps;
    const double kept = std::min(decay, (1.0 + steps) / (10.0 + steps));
    for (std::size_t i = 0; i < weights.size(); ++i)
      average[i] = kept * average[i] + (1 - kept) * weights[i].to(torch::kDouble);
  }
  static constexpr double decay = 0.3;
  std::vector<torch::Tensor> average;
  int steps = 0;  // before this one
};

TEST(Ema, TheAverageOfTheWeightsIsValidatedAndSaved) {
  const ScratchFolder folder, plain_folder;
  const ToyData data;
  TrainingRun run = run_with({CallbackType::ema}, folder.path());
  run.training.ema.decay = ExpectedAverage::decay;
  TrainingHooks hooks;
  const auto expected = std::make_shared<ExpectedAverage>();
  hooks.callbacks = {expected};
  const auto result = train(run, data.sources(), hooks);
  ASSERT_EQ(result.best_epoch, 4);
  ASSERT_GT(expected->steps, 3) << "(1 + n) / (10 + n) is 0.3 after 3 steps";
  const auto best = load_network(result.best_checkpoint);
  const auto averages = best.network->trained_parameters().values();
  for (std::size_t i = 0; i < averages.size(); ++i)
    EXPECT_TRUE(torch::allclose(averages[i].to(torch::kDouble), expected->average[i], 1e-5, 1e-6));
  // The training itself is the same as without.
  run.training.callbacks.clear();
  run.directory = plain_folder.path();
  const auto plain = train(run, data.sources(), {});
  const data::SafetensorsFile last(result.last_checkpoint), plain_last(plain.last_checkpoint);
  for (const auto& name : plain_last.names())
    EXPECT_TRUE(std::ranges::equal(last.at(name).bytes, plain_last.at(name).bytes)) << name;
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(result.history[i].train_loss, plain.history[i].train_loss);
    EXPECT_NE(result.history[i].val_loss, plain.history[i].val_loss);
  }
}

TEST(Ema, AStateOfAnotherNetworkIsRefused) {
  const ScratchFolder folder;
  const ToyData data;
  TrainingRun run = run_with({CallbackType::ema}, folder.path());
  Callbacks callbacks(run, {});
  callbacks.restore({{"ema", {{{"steps", 3}}, {{"input.weight", torch::zeros({2})}}}}});
  const auto network = models::build_network(run.model, run.features, run.normalization);
  EXPECT_CONTAINS(test::data_error([&] {
                    callbacks.begin({run, *network, {}});
                  }),
                  "the state of the callback ema lacks ");
}

void expect_same_tensors(const fs::path& found, const fs::path& expected) {
  const data::SafetensorsFile a(found), b(expected);
  ASSERT_EQ(a.names(), b.names());
  for (const auto& name : b.names())
    EXPECT_TRUE(std::ranges::equal(a.at(name).bytes, b.at(name).bytes)) << name;
}

// Architecture, and whether the average was switched on.
class ContinuedCallbacks : public testing::TestWithParam<const char*> {};

TEST_P(ContinuedCallbacks, AreThoseOfAnUninterruptedTraining) {
  const ScratchFolder straight, resumed;
  const ToyData data;
  TrainingRun run = run_with(
      {CallbackType::keep_best, CallbackType::ema, CallbackType::norms, CallbackType::steps},
      straight.path());
  run.model.architecture = GetParam();
  run.model.dropout = 0.1;
  run.training.keep_best.k = 2;
  run.training.ema.decay = 0.9;
  run.training.first_stage_epochs = 3;
  test::add_map_features(run);
  (void)train(run, data.sources(run), {});
  run.directory = resumed.path();
  // Stopped in the middle of every epoch: of the first stage too.
  for (int part = 0; part < 9; ++part) {
    std::atomic<bool> stop = false;
    TrainingHooks hooks;
    hooks.stop = &stop;
    std::int32_t first_epoch = 0;
    hooks.progress = [&](const TrainingProgress& now) {
      if (now.phase != Phase::training) return;
      if (first_epoch == 0) first_epoch = now.epoch;
      stop = stop || now.epoch != first_epoch;
    };
    if (!train(run, data.sources(run), hooks).interrupted) break;
    ASSERT_LT(part, 8);
  }
  for (const fs::path& stage : {fs::path(), fs::path("first_stage")}) {
    if (!fs::exists(straight.path() / stage)) continue;
    for (const char* name : {"steps.csv", "norms.csv"})
      EXPECT_EQ(core::read_text_file(resumed.path() / stage / name),
                core::read_text_file(straight.path() / stage / name));
    const fs::path ours = resumed.path() / stage / "checkpoints",
                   theirs = straight.path() / stage / "checkpoints";
    EXPECT_EQ(files_in(ours), files_in(theirs));
    EXPECT_EQ(files_in(theirs).size(), 4U);
    for (const auto& name : files_in(theirs)) expect_same_tensors(ours / name, theirs / name);
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, ContinuedCallbacks, testing::Values("edgeconv", "two_stage"));

TEST(Callbacks, EachIsThereOnce) {
  const ScratchFolder folder;
  const TrainingRun run = run_with({CallbackType::ema, CallbackType::ema}, folder.path());
  EXPECT_EQ(test::config_error([&] { (void)train(run, ToyData{}.sources(), {}); }),
            "training.callbacks: 'ema' stands there twice; remove one of them");
}

TEST(Callbacks, ADebugRunWritesNoFiles) {
  const ScratchFolder folder;
  const ToyData data;
  TrainingRun run = run_with(
      {CallbackType::keep_best, CallbackType::ema, CallbackType::norms, CallbackType::steps},
      folder / "run");
  run.debug = true;
  EXPECT_EQ(train(run, data.sources(), {}).history.size(), 2U);
  EXPECT_FALSE(fs::exists(run.directory));
}

}  // namespace
}  // namespace stationhit::training
