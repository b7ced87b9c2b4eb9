#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/config/load.hpp>
#include <stationhit/data/safetensors.hpp>
#include <stationhit/training/checkpoint_metadata.hpp>
#include <stationhit/workflow/resume_rules.hpp>

namespace stationhit::workflow {
namespace {

class ResumeRules : public testing::Test {
 protected:
  // A checkpoint without tensors: the rule reads its metadata only.
  void SetUp() override {
    training::CheckpointMetadata metadata;
    metadata.config_yaml = config::dump(config::RunConfig{});
    data::write_safetensors(last_, std::vector<data::NamedTensor>{},
                            {{training::checkpoint_key, training::to_json(metadata)}});
  }

  [[nodiscard]] std::string error_of(const config::RunConfig& run) const {
    return test::error_of<core::DataError>([&] { require_same_training(run, last_); });
  }

  test::ScratchFolder folder_;
  std::filesystem::path last_ = folder_ / "last.safetensors";
};

TEST_F(ResumeRules, TheSameSettingsContinue) { EXPECT_EQ(error_of({}), ""); }

TEST_F(ResumeRules, EpochsAndLearningRateMayChange) {
  config::RunConfig run;
  run.training.epochs = 99;
  run.training.optimizer.learning_rate = 0.5;
  EXPECT_EQ(error_of(run), "");
}

TEST_F(ResumeRules, AChangedSettingIsNamedWithBothValues) {
  config::RunConfig run;
  run.training.batch_size = 7;
  EXPECT_EQ(error_of(run), last_.string() +
                               ": was trained with training.batch_size: 4, the configuration has "
                               "7; give another experiment_dir, or set training.resume: false to "
                               "start again");
  run = {};
  run.seed = 1;
  EXPECT_NE(error_of(run).find("seed: 42, the configuration has 1"), std::string::npos);
  run = {};
  run.training.loss.gamma = 3;
  run.training.scheduler.factor = 0.1;
  EXPECT_NE(error_of(run).find("training.loss.gamma: 2, the configuration has 3"),
            std::string::npos);
}

TEST_F(ResumeRules, NothingIsComparedWithoutResumeOrWithoutACheckpoint) {
  config::RunConfig run;
  run.seed = 1;
  run.training.resume = false;
  EXPECT_EQ(error_of(run), "");
  run.training.resume = true;
  EXPECT_NO_THROW(require_same_training(run, folder_ / "absent.safetensors"));
}

TEST_F(ResumeRules, TheEarlierLearningRateIsThatOfTheCheckpoint) {
  config::RunConfig run;
  run.training.optimizer.learning_rate = 0.5;
  EXPECT_EQ(find_earlier_learning_rate(run, last_), 1e-3);
  EXPECT_EQ(find_earlier_learning_rate(run, folder_ / "absent.safetensors"), std::nullopt);
  run.training.resume = false;
  EXPECT_EQ(find_earlier_learning_rate(run, last_), std::nullopt);
}

}  // namespace
}  // namespace stationhit::workflow
