// Settings that may change where a training is continued take effect there: the second part of a
// run is trained with and without the change, and what it leaves must differ.
#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/recording_observer.hpp>
#include <unit/workflow/small_run.hpp>

#include <stationhit/core/files.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/data/safetensors.hpp>
#include <stationhit/training/checkpoint.hpp>
#include <stationhit/training/run_files.hpp>
#include <stationhit/workflow/resume_rules.hpp>

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;

std::ptrdiff_t count_texts(const std::vector<std::string>& texts, const std::string& part) {
  return std::ranges::count_if(
      texts, [&](const std::string& text) { return text.find(part) != std::string::npos; });
}

using Edit = std::function<void(training::TrainingConfig&)>;

// Settings of both parts, and what is changed in the second one.
struct Change {
  Edit both_parts, second_part;
};

// With such a rate nothing is learned, so every epoch is one without improvement.
void learn_nothing(training::TrainingConfig& training) {
  training.optimizer.learning_rate = 1e-30;
  training.scheduler.min_learning_rate = 0;
  training.scheduler.patience = 0;
  training.early_stopping.patience = 50;
}

void stop_early(training::TrainingConfig& training) {
  learn_nothing(training);
  training.early_stopping.patience = 1;
}

void keep_best(training::TrainingConfig& training) {
  training.callbacks = {training::CallbackType::keep_best};
}

void average(training::TrainingConfig& training) {
  training.callbacks = {training::CallbackType::ema};
}

const std::map<std::string, Change> changes{
    {"training.epochs", {[](auto&) {}, [](auto& training) { training.epochs = 4; }}},
    {"training.optimizer.learning_rate",
     {[](auto&) {}, [](auto& training) { training.optimizer.learning_rate = 0.01; }}},
    {"training.optimizer.weight_decay",
     {[](auto&) {}, [](auto& training) { training.optimizer.weight_decay = 0.9; }}},
    {"training.optimizer.gradient_clip",
     {[](auto&) {}, [](auto& training) { training.optimizer.gradient_clip = 1e-4; }}},
    {"training.scheduler.factor",
     {learn_nothing, [](auto& training) { training.scheduler.factor = 0.1; }}},
    {"training.scheduler.patience",
     {learn_nothing, [](auto& training) { training.scheduler.patience = 9; }}},
    {"training.scheduler.min_learning_rate",
     {learn_nothing, [](auto& training) { training.scheduler.min_learning_rate = 1e-30; }}},
    {"training.scheduler.warmup",
     {[](auto& training) { training.scheduler.name = training::SchedulerType::one_cycle; },
      [](auto& training) { training.scheduler.warmup = 0.8; }}},
    {"training.callbacks", {[](auto&) {}, average}},
    {"training.keep_best.k", {keep_best, [](auto& training) { training.keep_best.k = 1; }}},
    {"training.ema.decay", {average, [](auto& training) { training.ema.decay = 0.01; }}},
    {"training.limit_train_batches",
     {[](auto&) {}, [](auto& training) { training.limit_train_batches = 1; }}},
    {"training.limit_val_batches",
     {[](auto&) {}, [](auto& training) { training.limit_val_batches = 1; }}},
    {"training.memory_limit", {[](auto&) {}, [](auto& training) { training.memory_limit = 0; }}},
    {"training.early_stopping.enabled",
     {stop_early, [](auto& training) { training.early_stopping.enabled = false; }}},
    {"training.early_stopping.patience",
     {stop_early, [](auto& training) { training.early_stopping.patience = 9; }}},
};

class ResumeEffect : public testing::Test {
 protected:
  // What the second part of the run leaves, as a text.
  [[nodiscard]] std::string continue_run(config::RunConfig run, const std::string& name) const {
    const fs::path first = run.experiment_dir;
    run.experiment_dir = folder_ / name;
    fs::copy(first, run.experiment_dir, fs::copy_options::recursive);
    (void)train(run, {}, core::Observer{});
    const fs::path last = training::last_checkpoint(run.experiment_dir);
    const auto metadata = training::read_checkpoint_metadata(last);
    std::string text = data::SafetensorsFile(last).checksum() + " " +
                       std::to_string(metadata.history.size()) + " epochs, learning rate " +
                       core::to_text(metadata.progress->learning_rate) + ", loss " +
                       core::to_text(metadata.metrics.val_loss);
    const fs::directory_iterator checkpoints(last.parent_path());
    text +=
        ", " + std::to_string(std::distance(begin(checkpoints), end(checkpoints))) + " checkpoints";
    for (const auto& [point, threshold] : metadata.thresholds) text += ", " + point;
    fs::remove_all(run.experiment_dir);
    return text;
  }

  [[nodiscard]] config::RunConfig first_part(const Edit& edit) const {
    config::RunConfig run = small_;
    fs::remove_all(run.experiment_dir);
    run.training.optimizer.learning_rate = 1e-3;
    edit(run.training);
    (void)train(run, {}, core::Observer{});
    run.training.epochs = 3;
    return run;
  }

  test::ScratchFolder folder_;
  config::RunConfig small_ = make_small_run(folder_.path());
};

TEST_F(ResumeEffect, EveryChangeThatIsAcceptedChangesTheResult) {
  for (const auto& [key, change] : changes) {
    SCOPED_TRACE(key);
    const config::RunConfig unchanged = first_part(change.both_parts);
    config::RunConfig changed = unchanged;
    change.second_part(changed.training);
    EXPECT_NE(continue_run(changed, "changed"), continue_run(unchanged, "unchanged"));
  }
}

TEST_F(ResumeEffect, NewWorkingPointsAreThoseOfTheNextCheckpoints) {
  const config::RunConfig unchanged = first_part([](auto&) {});
  config::RunConfig changed = unchanged;
  changed.working_points = {0.9};
  EXPECT_CONTAINS(continue_run(changed, "changed"), ", 0.9");
  EXPECT_NE(continue_run(changed, "changed"), continue_run(unchanged, "unchanged"));
}

TEST_F(ResumeEffect, EverySettingThatMayChangeIsTried) {
  // early_stopping_test.cpp and keep_best_test.cpp show what these do; they are read anew in every
  // epoch.
  std::set<std::string> tried{"working_points", "training.early_stopping.min_delta",
                              "training.keep_best.metric"},
      may_change;
  for (const auto& [key, change] : changes) tried.insert(key);
  config::RunConfig run;
  core::visit_settings(run, "",
                       [&](const std::string& key, auto&, const char*, const core::SettingRule&) {
                         if (resume_role(key) == ResumeRole::may_change) may_change.insert(key);
                       });
  EXPECT_EQ(tried, may_change);
}

TEST_F(ResumeEffect, AFinishedRunSaysThatAChangeHasNoEffect) {
  config::RunConfig run = first_part([](auto&) {});
  run.training.epochs = 1;
  run.training.optimizer.learning_rate = 0.5;
  const test::RecordingObserver observer;
  (void)train(run, {}, observer);
  ASSERT_EQ(observer.warnings.size(), 1);
  EXPECT_EQ(observer.warnings[0],
            run.experiment_dir +
                ": this training is finished, so nothing of this has an effect "
                "(training.optimizer.learning_rate: 0.001, now 0.5); raise training.epochs (or "
                "training.early_stopping.patience if it stopped early) to go on, or start again "
                "with --force");
  EXPECT_EQ(count_texts(observer.messages, "continuing"), 0) << "nothing is left to train";
  EXPECT_EQ(count_texts(observer.messages, "learning_rate was"), 0);
  run.training.epochs = 2;
  const test::RecordingObserver going_on;
  (void)train(run, {}, going_on);
  EXPECT_EQ(count_texts(going_on.messages, "continuing"), 1);
  EXPECT_EQ(count_texts(going_on.messages, "training.optimizer.learning_rate was 0.001 and is now"),
            1);
}

TEST_F(ResumeEffect, AMissingOrWrongBestCheckpointIsNoticedBeforeTheTraining) {
  const config::RunConfig run = first_part([](auto&) {});
  const fs::path best = training::best_checkpoint(run.experiment_dir), kept = folder_ / "kept";
  const auto error = [&] {
    const test::RecordingObserver observer;
    std::string text = test::data_error([&] { (void)train(run, {}, observer); });
    EXPECT_TRUE(observer.messages.empty()) << "nothing was trained or read";
    return text;
  };
  const std::string advice = "start again with --force or training.resume: false";
  fs::rename(best, kept);
  EXPECT_EQ(error(), best.string() +
                         ": is missing, and last.safetensors beside it lacks the "
                         "weights of the best epoch (1); put the "
                         "file back, or " +
                         advice);
  fs::copy_file(kept, best);
  fs::resize_file(best, fs::file_size(best) / 2);
  const std::string damaged = error();
  EXPECT_CONTAINS(damaged, best.string() + ": ");
  EXPECT_CONTAINS(damaged, advice);
  config::RunConfig other = run;
  other.experiment_dir = folder_ / "other";
  other.training.epochs = 1;
  other.model.width = 4;
  (void)train(other, {}, core::Observer{});
  const auto replace = fs::copy_options::overwrite_existing;
  fs::copy_file(training::best_checkpoint(other.experiment_dir), best, replace);
  EXPECT_EQ(error(), best.string() +
                         ": made with model.width 4, the configuration has 8; it is "
                         "not of this training; " +
                         advice);
  fs::copy_file(kept, best, replace);
  EXPECT_EQ(train(run, {}, core::Observer{}).training.history.size(), 3);
}

TEST_F(ResumeEffect, CheckpointsWithoutTheOneToGoOnFromAreKept) {
  config::RunConfig run = first_part([](auto&) {});
  const fs::path last = training::last_checkpoint(run.experiment_dir),
                 best = training::best_checkpoint(run.experiment_dir);
  fs::remove(last);
  for (const bool resume : {true, false}) {
    run.training.resume = resume;
    EXPECT_EQ(test::data_error([&] { (void)train(run, {}, core::Observer{}); }),
              last.string() + ": is missing, so the training of " + best.string() +
                  " cannot go on; put the file back, give another experiment_dir, or start again "
                  "with --force");
    EXPECT_TRUE(fs::exists(best));
  }
  const RunOptions replace{.existing = ExistingResults::replace};
  EXPECT_EQ(train(run, replace, core::Observer{}).training.history.size(), 3);
}

TEST_F(ResumeEffect, FewerEpochsThanAreDoneTrainNothingAndSaySo) {
  config::RunConfig run = first_part([](auto& training) { training.epochs = 3; });
  run.training.epochs = 2;
  const test::RecordingObserver observer;
  EXPECT_EQ(train(run, {}, observer).training.history.size(), 3);
  ASSERT_EQ(observer.warnings.size(), 1);
  EXPECT_EQ(observer.warnings[0],
            run.experiment_dir +
                ": 3 epochs are done, training.epochs is 2: nothing to train; the training stays "
                "as it is, raise training.epochs to go on or start again with --force");
}

TEST_F(ResumeEffect, ADamagedCheckpointSaysHowToStartAgain) {
  config::RunConfig run = first_part([](auto&) {});
  const fs::path last = training::last_checkpoint(run.experiment_dir);
  fs::resize_file(last, fs::file_size(last) / 2);
  EXPECT_CONTAINS(test::data_error([&] { (void)train(run, {}, core::Observer{}); }),
                  "start again in this one with --force or training.resume: false");
  run.training.resume = false;
  run.training.epochs = 1;
  const test::RecordingObserver observer;
  EXPECT_EQ(train(run, {}, observer).training.history.size(), 1);
  EXPECT_CONTAINS(observer.warnings.at(0), last.string() + ": is damaged and is replaced");
  fs::resize_file(last, fs::file_size(last) / 2);
  run.seed = 8;
  EXPECT_CONTAINS(test::config_error([&] { (void)train(run, {}, core::Observer{}); }),
                  "config.yaml: the training was begun with seed: 42, the configuration has 8; ");
}

TEST_F(ResumeEffect, OverfittingSaysWhatValidationUses) {
  config::RunConfig run = small_;
  run.training.overfit_batches = 1;
  run.training.batch_size = 2;
  const test::RecordingObserver observer;
  (void)train(run, {}, observer);
  ASSERT_EQ(observer.warnings.size(), 1);
  EXPECT_CONTAINS(observer.warnings[0],
                  "training.overfit_batches: 1: every epoch trains on the first 2 events of "
                  "train_path and is validated on the same events; val_path is not used");
}

TEST_F(ResumeEffect, ARunThatDiedBeforeItsFirstCheckpointBeginsAgain) {
  const config::RunConfig run = first_part([](auto& training) { training.epochs = 3; });
  const fs::path folder = run.experiment_dir;
  fs::remove_all(folder / "checkpoints");
  const RunOptions options{.config_file = folder / "config.yaml"};
  EXPECT_EQ(train(run, options, core::Observer{}).training.history.size(), 3);
  fs::remove_all(folder / "checkpoints");
  std::ofstream(folder / "config.yaml", std::ios::app) << "# mine\n";
  EXPECT_CONTAINS(test::config_error([&] { (void)train(run, options, core::Observer{}); }),
                  "config.yaml: the run would write its complete configuration over this file");
}

TEST_F(ResumeEffect, AFileOfTheUserInThePlaceOfTheConfigurationIsKept) {
  fs::create_directories(small_.experiment_dir);
  const fs::path file = fs::path(small_.experiment_dir) / "config.yaml";
  core::write_text_file(file, "services: {database: {}}\n");
  const RunOptions replace{.existing = ExistingResults::replace};
  EXPECT_CONTAINS(test::config_error([&] { (void)train(small_, replace, core::Observer{}); }),
                  file.string() +
                      ": the run would write its complete configuration over this "
                      "file; move it out of experiment_dir");
  EXPECT_EQ(core::read_text_file(file), "services: {database: {}}\n");
}

TEST_F(ResumeEffect, ResultsOfAReplacedTrainingAreRemoved) {
  const config::RunConfig run = first_part([](auto&) {});
  const fs::path folder = run.experiment_dir;
  fs::create_directories(folder / "plots");
  const std::vector<fs::path> results{folder / "plots/roc.png", folder / "report.html",
                                      folder / "checkpoints/model.onnx"};
  for (const fs::path& result : results) std::ofstream(result) << "old";
  std::ofstream(folder / "notes.txt") << "mine";
  (void)train(run, {}, core::Observer{});  // goes on
  for (const fs::path& result : results) EXPECT_TRUE(fs::exists(result)) << result;
  const RunOptions replace{.existing = ExistingResults::replace};
  (void)train(run, replace, core::Observer{});
  for (const fs::path& result : results) EXPECT_FALSE(fs::exists(result)) << result;
  EXPECT_TRUE(fs::exists(folder / "notes.txt"));
}

TEST_F(ResumeEffect, OnlyWhatARunMakesIsRemoved) {
  const config::RunConfig run = first_part([](auto&) {});
  const fs::path folder = run.experiment_dir;
  const std::vector<fs::path> mine{folder / "plots/talk/slides.tex", folder / "test/ntuple.root",
                                   folder / "test/old/manifest.json",
                                   folder / "test/old/shard_000000.root"};
  const fs::path made = folder / "test/scores.root";
  for (const fs::path& file : mine) {
    fs::create_directories(file.parent_path());
    core::write_text_file(file, "mine");
  }
  core::write_text_file(made, "old");
  const RunOptions replace{.existing = ExistingResults::replace};
  const test::RecordingObserver observer;
  (void)train(run, replace, observer);
  EXPECT_FALSE(fs::exists(made));
  for (const fs::path& file : mine) EXPECT_TRUE(fs::exists(file)) << file;
  EXPECT_EQ(count_texts(observer.warnings,
                        (folder / "plots").string() +
                            ": kept, because no run makes such files: " + mine[0].string()),
            1);
}

TEST_F(ResumeEffect, ADataSetIsNoRunDirectory) {
  config::RunConfig run = small_;
  run.experiment_dir = folder_.path();
  const RunOptions replace{.existing = ExistingResults::replace};
  EXPECT_EQ(test::data_error([&] { (void)train(run, replace, core::Observer{}); }),
            "experiment_dir: " + folder_.path().string() + " holds a data set (" +
                (folder_ / "train" / "manifest.json").string() +
                "), with which the results of a run would mix; give a folder of its own");
  EXPECT_FALSE(fs::exists(folder_ / "checkpoints"));
}

TEST_F(ResumeEffect, WithoutResumeARunOfAnotherConfigurationIsKept) {
  config::RunConfig run = first_part([](auto&) {});
  run.training.epochs = 1;
  run.training.resume = false;
  const fs::path last = training::last_checkpoint(run.experiment_dir);
  EXPECT_EQ(train(run, {}, core::Observer{}).training.history.size(), 1);
  run.training.optimizer.weight_decay = 0.5;
  EXPECT_EQ(train(run, {}, core::Observer{}).training.history.size(), 1)
      << "what may change where a training goes on may change here too";
  run.seed = 7;
  EXPECT_CONTAINS(test::config_error([&] { (void)train(run, {}, core::Observer{}); }),
                  last.string() + ": was trained with seed: 42, the configuration has 7; ");
  const RunOptions replace{.existing = ExistingResults::replace};
  EXPECT_EQ(train(run, replace, core::Observer{}).training.history.size(), 1);
  EXPECT_CONTAINS(training::read_checkpoint_metadata(last).config_yaml, "seed: 7");
}

}  // namespace
}  // namespace stationhit::workflow
