#include <algorithm>
#include <set>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/recording_observer.hpp>
#include <unit/workflow/small_run.hpp>

#include <stationhit/core/files.hpp>
#include <stationhit/workflow/study.hpp>

namespace stationhit::workflow {
namespace {

using architecture::EncodingType;
namespace fs = std::filesystem;

class StudyOfSmallRun : public testing::Test {
 protected:
  StudyOfSmallRun() : run(make_small_run(folder.path())) {
    run.study.seeds = {1, 2};
    run.study.encodings = {EncodingType::none};
    run.study.residual = {config::Residual::with};
    run.study.bases = {};
    run.study.scales = {"-1..1"};
    run.study.permutations = 2;
  }

  [[nodiscard]] fs::path study() const { return fs::path(run.experiment_dir) / "study"; }
  [[nodiscard]] StudyResult run_encodings(const core::Observer& observer = {},
                                          const RunOptions& options = {}) const {
    return run_study(StudyKind::encodings, run, options, observer, {});
  }
  static const StudyEntry& find(const StudyResult& result, const std::string& name) {
    return *std::ranges::find(result.entries, name, &StudyEntry::name);
  }
  // Puts something that is no checkpoint in the place of one.
  void damage(const std::string& training) const {
    const fs::path checkpoints = study() / training / "checkpoints";
    fs::create_directories(checkpoints);
    core::write_text_file(checkpoints / "last.safetensors", "damaged");
  }

  test::ScratchFolder folder;
  config::RunConfig run;
};

TEST_F(StudyOfSmallRun, EveryVariantIsTrainedWithEverySeedAndComparedWithTheBase) {
  const StudyResult result = run_encodings();
  EXPECT_FALSE(result.stopped);
  EXPECT_TRUE(result.gaps.empty());
  ASSERT_EQ(result.entries.size(), 3);  // base, none, scales_-1..1
  for (const StudyEntry& entry : result.entries) {
    EXPECT_EQ(entry.seeds, 2) << entry.name;
    EXPECT_GT(entry.values[auc_index].value, 0) << entry.name;
    EXPECT_GT(entry.values[loss_index].value, 0) << entry.name;
    EXPECT_GT(entry.ms_per_event.value, 0) << entry.name;
  }
  const StudyEntry &base = find(result, "base"), &none = find(result, "none");
  EXPECT_LT(none.parameters, base.parameters);
  EXPECT_EQ(base.differences[auc_index].value, 0);
  EXPECT_NEAR(none.differences[auc_index].value,
              none.values[auc_index].value - base.values[auc_index].value, 1e-12);
  // The same settings are trained once.
  EXPECT_EQ(find(result, "scales_-1..1").values[auc_index].value, base.values[auc_index].value);
  EXPECT_FALSE(fs::exists(study() / "encodings" / "scales_-1..1"));
  for (const char* file :
       {"study.csv", "study.json", "study.md", "encodings_auc.png", "encodings_purity.pdf"})
    EXPECT_TRUE(fs::exists(study() / "encodings" / file)) << file;
}

TEST_F(StudyOfSmallRun, TheLearningCurveHasTheBaseAsItsLastPoint) {
  run.study.seeds = {1};
  run.study.events = {4, 2, 7};
  const StudyResult result = run_study(StudyKind::events, run, {}, core::Observer{}, {});
  ASSERT_EQ(result.entries.size(), 3);
  EXPECT_EQ(find(result, "base").training_events, 6);
  EXPECT_EQ(find(result, "events_2").training_events, 2);
  EXPECT_NE(find(result, "events_2").values[loss_index].value,
            find(result, "events_4").values[loss_index].value);
  ASSERT_EQ(result.gaps.size(), 1);
  EXPECT_EQ(result.gaps[0].reason,
            "training.events is 7, but the training split has only 6; give at most so many, or 0 "
            "for all");
  const std::string curve = core::read_text_file(study() / "events" / "events_auc.csv");
  std::vector<std::size_t> places;
  for (const char* point : {"\n,2,", "\n,4,", "\n,6,"}) places.push_back(curve.find(point));
  EXPECT_TRUE(std::ranges::is_sorted(places)) << curve;
  EXPECT_NE(places.back(), std::string::npos) << curve;
}

TEST_F(StudyOfSmallRun, FinishedTrainingsAreTakenAsTheyAre) {
  const StudyResult first = run_encodings();
  const auto table = core::read_text_file(first.table);
  int epochs = 0;
  const StudyResult second =
      run_study(StudyKind::encodings, run, {}, core::Observer{},
                {.epoch_done = [&](const training::EpochMetrics&) { ++epochs; }});
  EXPECT_EQ(epochs, 0);
  EXPECT_EQ(core::read_text_file(second.table), table);
}

TEST_F(StudyOfSmallRun, AStoppedStudyGoesOnToTheSameNumbers) {
  config::RunConfig stopped = run;
  stopped.experiment_dir = folder / "stopped";
  test::RecordingObserver observer;
  observer.stop_at_update(9, "epoch 1/1 training");
  EXPECT_TRUE(run_study(StudyKind::encodings, stopped, {}, observer, {}).stopped);
  EXPECT_EQ(observer.warnings.back(), "stopped: the same command goes on from here");
  EXPECT_FALSE(fs::exists(folder / "stopped" / "study" / "encodings" / "study.md"));
  std::vector<std::string> trained;
  const StudyResult continued =
      run_study(StudyKind::encodings, stopped, {}, core::Observer{},
                {.training = [&](const StudyTraining& training, std::size_t, std::size_t) {
                  if (!training.finished) trained.push_back(training.label);
                }});
  EXPECT_LT(trained.size(), 4);
  const StudyResult whole = run_encodings();
  for (std::size_t i = 0; i < whole.rows.size(); ++i)
    EXPECT_EQ(continued.rows[i].measured[loss_index].value,
              whole.rows[i].measured[loss_index].value);
}

TEST_F(StudyOfSmallRun, OtherSettingsAreRefusedByNameBeforeAnythingIsTrained) {
  (void)run_encodings();
  run.training.epochs = 2;
  EXPECT_EQ(test::config_error([&] { (void)run_encodings(); }),
            (study() / "base/seed_1/checkpoints/last.safetensors").string() +
                ": was trained with training.epochs: 1, the configuration has 2; give another "
                "experiment_dir, or start again in this one with --force");
  EXPECT_EQ(run_encodings({}, {.existing = ExistingResults::replace}).entries.size(), 3);
}

TEST_F(StudyOfSmallRun, AVariantThatFailsIsLeftOutWithItsReason) {
  (void)run_encodings();
  damage("encodings/none/seed_2");
  test::RecordingObserver observer;
  const StudyResult result = run_encodings(observer);
  ASSERT_EQ(result.gaps.size(), 1);
  EXPECT_TRUE(result.gaps[0].failed);
  EXPECT_CONTAINS(result.gaps[0].reason, "seed 2: ");
  EXPECT_EQ(find(result, "none").seeds, 1);
  EXPECT_EQ(find(result, "base").seeds, 2);
  EXPECT_CONTAINS(core::read_text_file(result.table), "* none: failed: seed 2: ");
}

TEST_F(StudyOfSmallRun, ABaseThatFailsEndsTheStudy) {
  damage("base/seed_1");
  EXPECT_CONTAINS(test::data_error([&] { (void)run_encodings(); }), "base/seed_1/checkpoints/last");
}

// The set was materialized with other features, so networks without one of them cannot read it.
TEST_F(StudyOfSmallRun, FeaturesArePermutedAndWhatTheSetDoesNotHaveIsNotPossible) {
  run.study.leave_out = {config::LeftOut::features};
  const StudyResult result = run_study(StudyKind::features, run, {}, core::Observer{}, {});
  ASSERT_EQ(result.gaps.size(), 2);
  EXPECT_FALSE(result.gaps[0].failed);
  std::set<std::string> permuted;
  for (const StudyEntry& entry : result.entries) {
    if (entry.method != StudyMethod::permuted) continue;
    permuted.insert(entry.name);
    EXPECT_EQ(entry.seeds, 2);
    EXPECT_NE(entry.differences[auc_index].value, 0) << entry.name;
  }
  EXPECT_EQ(permuted,
            (std::set<std::string>{"group_local_position", "group_drift", "localZ", "driftR"}));
  EXPECT_EQ(find(result, "driftR").differences[auc_index].value,
            find(result, "group_drift").differences[auc_index].value);
  EXPECT_EQ(core::read_text_file(result.table).find("Permuted values are of"), std::string::npos);
  run.study.permuted_events = 3;
  EXPECT_CONTAINS(
      core::read_text_file(run_study(StudyKind::features, run, {}, core::Observer{}, {}).table),
      "Permuted values are of the first 3 events, their differences are to the base on these.");
}

TEST_F(StudyOfSmallRun, OneSeedHasErrorsFromResampledEvents) {
  run.study.seeds = {1};
  const StudyResult result = run_encodings();
  for (const std::size_t quantity : {auc_index, purity_index, loss_index})
    EXPECT_GT(find(result, "none").values[quantity].error, 0) << quantity;
  EXPECT_EQ(find(result, "scales_-1..1").differences[auc_index].error, 0);
  EXPECT_CONTAINS(core::read_text_file(result.table), "One seed");
}

TEST_F(StudyOfSmallRun, ThePlanSaysWhatIsFinished) {
  const auto count_finished = [&] {
    const StudyPlan plan = plan_study(StudyKind::encodings, run);
    EXPECT_EQ(plan.trainings.size(), 4);
    return std::ranges::count_if(plan.trainings, &StudyTraining::finished);
  };
  EXPECT_EQ(count_finished(), 0);
  EXPECT_FALSE(fs::exists(study()));
  (void)run_encodings();
  EXPECT_EQ(count_finished(), 4);
  run.training.epochs = 2;
  EXPECT_EQ(count_finished(), 0);
}

TEST_F(StudyOfSmallRun, ReplacingTouchesNothingIfThereIsNothingToCompare) {
  fs::create_directories(study() / "networks");
  EXPECT_CONTAINS(test::config_error([&] {
                    (void)run_study(StudyKind::networks, run,
                                    {"run.yaml", false, ExistingResults::replace}, core::Observer{},
                                    {});
                  }),
                  "run.yaml: study.networks is empty");
  EXPECT_TRUE(fs::exists(study() / "networks"));
}

}  // namespace
}  // namespace stationhit::workflow
