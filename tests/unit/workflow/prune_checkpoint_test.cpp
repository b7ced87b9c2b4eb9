#include <set>
#include <string>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/recording_observer.hpp>
#include <unit/workflow/small_run.hpp>

#include <stationhit/core/files.hpp>
#include <stationhit/training/pruning.hpp>
#include <stationhit/workflow/prune_checkpoint.hpp>

#include "../../../src/workflow/pruning_rules.hpp"

namespace stationhit::workflow {
namespace {

class PruneCheckpoint : public SmallRun {
 protected:
  PruneCheckpoint() {
    run.prune.steps = 2;
    run.prune.keep = 0.5;
    run.prune.epochs = 1;
    run.prune.events = 3;
  }

  [[nodiscard]] std::filesystem::path prune_folder() const {
    return std::filesystem::path(run.experiment_dir) / "prune";
  }
  [[nodiscard]] bool exists(const std::string& name) const {
    return std::filesystem::exists(prune_folder() / name);
  }
  // What was written until a stop stands under its own name.
  void expect_no_partial_files() const {
    for (const std::string& file : files())
      EXPECT_EQ(file.find("partial"), std::string::npos) << file;
  }
};

TEST_F(PruneCheckpoint, EveryStepKeepsTheShareOfTheOneBeforeIt) {
  const PruneResult result = prune_checkpoint(run, {}, core::Observer{});
  EXPECT_FALSE(result.stopped);
  ASSERT_EQ(result.points.size(), 3);
  const auto& points = result.points;
  EXPECT_EQ(points[0].network.model.width, 8);
  EXPECT_EQ(points[1].network.model.width, 4);
  EXPECT_EQ(points[2].network.model.width, 2);
  EXPECT_EQ(points[1].network.model.encoding.scales.size(), 2);
  EXPECT_EQ(points[2].network.model.encoding.scales.size(), 1);
  EXPECT_GT(points[0].network.parameters, points[1].network.parameters);
  EXPECT_GT(points[1].network.parameters, points[2].network.parameters);
  for (const PrunePoint& point : points) {
    EXPECT_GT(point.milliseconds, 0);
    EXPECT_GT(point.purity.value, 0);
    EXPECT_TRUE(std::filesystem::exists(point.network.folder / "checkpoints" / "model.onnx"));
  }
  EXPECT_EQ(result.table, prune_folder() / "curve.csv");
  EXPECT_TRUE(exists("curve.csv"));
}

TEST_F(PruneCheckpoint, HooksAreCalledAsTheWorkGoesOn) {
  std::vector<std::string> calls;
  PruneHooks hooks;
  hooks.pruned = [&](const auto& network) { calls.push_back(network.folder.filename()); };
  hooks.epoch_done = [&](const auto&) { calls.emplace_back("epoch"); };
  hooks.tested = [&](const auto&) { calls.emplace_back("test"); };
  (void)prune_checkpoint(run, {}, core::Observer{}, hooks);
  EXPECT_EQ(calls, (std::vector<std::string>{"test", "step_1", "epoch", "test", "step_2", "epoch",
                                             "test"}));
}

TEST_F(PruneCheckpoint, APreviewChoosesTheSameSizesAndWritesNothing) {
  const auto before = files();
  const auto steps = preview_pruning(run, {}, core::Observer{});
  EXPECT_EQ(files(), before);
  ASSERT_EQ(steps.size(), 2);
  EXPECT_EQ(steps[0].sizes, "width 4, 2 scales");
  EXPECT_EQ(steps[1].sizes, "width 2, 1 scales");
  const auto pruned = prune_checkpoint(run, {}, core::Observer{}).points;
  EXPECT_EQ(steps[1].parameters, pruned[2].network.parameters);
}

TEST_F(PruneCheckpoint, AStoppedPreviewHasFewerSteps) {
  test::RecordingObserver observer;
  observer.stop();
  EXPECT_TRUE(preview_pruning(run, {}, observer).empty());
}

TEST_F(PruneCheckpoint, AStopInATrainingLeavesTheStepsBeforeItAndNoCurve) {
  test::RecordingObserver observer;
  observer.stop_at_update(2, "epoch 1/1 training");
  const PruneResult result = prune_checkpoint(run, {}, observer);
  EXPECT_TRUE(result.stopped);
  EXPECT_EQ(result.points.size(), 1);
  EXPECT_EQ(observer.warnings.back(), "stopped: the same command goes on from here");
  EXPECT_TRUE(exists("step_0/checkpoints/model.onnx"));
  EXPECT_FALSE(exists("step_1/checkpoints/model.onnx"));
  EXPECT_FALSE(exists("curve.csv"));
  expect_no_partial_files();
}

TEST_F(PruneCheckpoint, AStopInTheFirstTestLeavesNoPoint) {
  test::RecordingObserver observer;
  observer.stop_at_update(1, "test");
  const auto before = files();
  const PruneResult result = prune_checkpoint(run, {}, observer);
  EXPECT_TRUE(result.stopped);
  EXPECT_TRUE(result.points.empty());
  EXPECT_EQ(files(), before);
}

TEST_F(PruneCheckpoint, AStoppedRunGoesOnToTheSameNetworks) {
  test::RecordingObserver observer;
  config::RunConfig stopped = run;
  stopped.checkpoint_path = checkpoints() / "best.safetensors";
  stopped.experiment_dir = folder / "stopped";
  observer.stop_at_update(6, "test");  // in the first event of step 1: its training is finished
  EXPECT_TRUE(prune_checkpoint(stopped, {}, observer).stopped);
  const test::RecordingObserver second;
  const PruneResult continued = prune_checkpoint(stopped, {}, second);
  ASSERT_FALSE(continued.stopped);
  const PruneResult whole = prune_checkpoint(run, {}, core::Observer{});
  for (std::size_t i = 0; i < whole.points.size(); ++i) {
    EXPECT_EQ(continued.points[i].network.parameters, whole.points[i].network.parameters);
    EXPECT_EQ(continued.points[i].purity.value, whole.points[i].purity.value);
  }
}

TEST_F(PruneCheckpoint, StepsThatWerePrunedOtherwiseAreRefusedByTheNamesOfTheSettings) {
  run.prune.steps = 1;
  (void)prune_checkpoint(run, {}, core::Observer{});
  const auto before = files();
  const auto error = [](const config::RunConfig& changed) {
    return test::config_error([&] { (void)prune_checkpoint(changed, {}, core::Observer{}); });
  };
  const std::string file = (prune_folder() / "step_1" / "pruned.safetensors").string();
  config::RunConfig changed = run;
  changed.prune.keep = 0.6;
  changed.prune.parts = {training::PrunedPart::channels};
  EXPECT_EQ(error(changed),
            file +
                ": was pruned with prune.keep: 0.5, the configuration has 0.6, and with "
                "prune.parts: [channels, scales], the configuration has [channels]; prune into "
                "another experiment_dir (with checkpoint_path), or start again with --force");
  changed = run;
  changed.prune.epochs = 2;
  EXPECT_CONTAINS(error(changed), "prune.epochs: 1, the configuration has 2");
  changed = run;
  changed.training.scheduler.name = training::SchedulerType::cosine;
  EXPECT_CONTAINS(error(changed), "training.scheduler.name: reduce_lr_on_plateau, the");
  EXPECT_EQ(files(), before);
}

TEST_F(PruneCheckpoint, StepsOfAnotherCheckpointAreRefused) {
  run.prune.steps = 1;
  (void)prune_checkpoint(run, {}, core::Observer{});
  config::RunConfig other = run;
  other.experiment_dir = folder / "other";
  other.seed = 7;
  (void)train(other, {}, core::Observer{});
  run.checkpoint_path = folder / "other" / "checkpoints" / "best.safetensors";
  const std::string error =
      test::config_error([&] { (void)prune_checkpoint(run, {}, core::Observer{}); });
  EXPECT_CONTAINS(error, "step_1/pruned.safetensors: was pruned from weights with the checksum ");
  EXPECT_CONTAINS(error, run.checkpoint_path + " has weights with the checksum ");
}

TEST_F(PruneCheckpoint, StepsAreReplacedWhereThatIsAskedFor) {
  (void)prune_checkpoint(run, {}, core::Observer{});
  run.prune.steps = 1;
  run.prune.keep = 0.75;
  const PruneResult result =
      prune_checkpoint(run, {.existing = ExistingResults::replace}, core::Observer{});
  EXPECT_EQ(result.points.at(1).network.model.width, 6);
  EXPECT_FALSE(exists("step_2"));
}

TEST_F(PruneCheckpoint, MoreStepsGoOnAfterTheFirst) {
  run.prune.steps = 1;
  (void)prune_checkpoint(run, {}, core::Observer{});
  run.prune.steps = 2;
  test::RecordingObserver observer;
  EXPECT_EQ(prune_checkpoint(run, {}, observer).points.size(), 3);
  EXPECT_TRUE(observer.warnings.empty());
}

TEST_F(PruneCheckpoint, StepsOfOlderVersionsAreTakenWithAWarning) {
  run.prune.steps = 1;
  (void)prune_checkpoint(run, {}, core::Observer{});
  const auto file = prune_folder() / "step_1" / "pruned.safetensors";
  auto network = training::load_network(file);
  network.metadata.pruned_from.clear();
  training::write_network(file, network);
  test::RecordingObserver observer;
  (void)prune_checkpoint(run, {}, observer);
  ASSERT_EQ(observer.warnings.size(), 1);
  EXPECT_CONTAINS(observer.warnings[0], "does not say how it was pruned");
}

// A new setting must be put into the one set or the other.
TEST(DecidesPruning, EverySettingIsClassified) {
  const std::set<std::string> decisive{"seed",
                                       "features",
                                       "training.events",
                                       "training.batch_size",
                                       "training.accumulate_batches",
                                       "training.limit_train_batches",
                                       "training.limit_val_batches",
                                       "training.overfit_batches",
                                       "training.callbacks",
                                       "training.ema.decay",
                                       "training.monitor",
                                       "training.optimizer.name",
                                       "training.optimizer.weight_decay",
                                       "training.optimizer.gradient_clip",
                                       "training.scheduler.name",
                                       "training.scheduler.factor",
                                       "training.scheduler.patience",
                                       "training.scheduler.min_learning_rate",
                                       "training.scheduler.warmup",
                                       "training.loss.name",
                                       "training.loss.alpha",
                                       "training.loss.gamma",
                                       "training.background_share",
                                       "training.missing_stations",
                                       "training.memory_limit",
                                       "training.precision",
                                       "prune.keep",
                                       "prune.parts",
                                       "prune.events",
                                       "prune.epochs",
                                       "prune.learning_rate"};
  std::set<std::string> found;
  config::RunConfig run;
  core::visit_settings(
      run, "", [&](const std::string& key, auto&, const char*, const core::SettingRule&) {
        const bool of_network = key.starts_with("graph.") || key.starts_with("model.");
        if (of_network)
          EXPECT_TRUE(decides_pruning(key)) << key;
        else if (decides_pruning(key))
          found.insert(key);
      });
  EXPECT_EQ(found, decisive);
}

}  // namespace
}  // namespace stationhit::workflow
