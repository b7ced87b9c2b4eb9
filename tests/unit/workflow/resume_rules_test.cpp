// Every setting of a run stands in the table below: what becomes of it where a training is
// continued, and whether it decides a step of the pruning. A setting that is missing there fails.
#include <algorithm>
#include <concepts>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/config/load.hpp>
#include <stationhit/config/settings_without_effect.hpp>
#include <stationhit/core/settings.hpp>
#include <stationhit/data/safetensors.hpp>
#include <stationhit/training/checkpoint_metadata.hpp>
#include <stationhit/workflow/resume_rules.hpp>

namespace stationhit::workflow {
namespace {

using enum ResumeRole;

struct Expected {
  ResumeRole role;
  const char* reason;
};

// The settings of a section that is fixed as a whole stand as the section.
const std::map<std::string, Expected> table{
    {"experiment_dir", {no_part, "a run directory may be moved"}},
    {"train_path", {no_part, "a set may be moved or materialized; its events are compared"}},
    {"val_path", {no_part, "likewise"}},
    {"test_path", {no_part, "only the test reads it"}},
    {"normalization_stats", {no_part, "may be moved; its constants are compared"}},
    {"normalization", {no_part, "its constants are compared"}},
    {"checkpoint_path", {no_part, "only test, export and prune read it"}},
    {"sample_label", {no_part, "words above figures"}},
    {"devices", {no_part, "the number of ranks is compared, whoever starts them"}},
    {"rank_timeout", {no_part, "how long ranks wait"}},
    {"use_comet", {no_part, "records what the training does"}},
    {"trackers", {no_part, "records what the training does"}},
    {"seed", {fixed, ""}},
    {"threads", {no_part, "results do not depend on it"}},
    {"features", {fixed, ""}},
    {"graph", {fixed, ""}},
    {"model", {fixed, ""}},
    {"training.epochs", {may_change, "more epochs go on, fewer end the run"}},
    {"training.events", {fixed, ""}},
    {"training.batch_size", {fixed, ""}},
    {"training.accumulate_batches", {fixed, ""}},
    {"training.limit_train_batches", {may_change, "counts from the next epoch on"}},
    {"training.limit_val_batches", {may_change, "counts from the next epoch on"}},
    {"training.overfit_batches", {fixed, ""}},
    {"training.sanity_val_batches", {no_part, "looks at the validation only"}},
    {"training.monitor", {fixed, ""}},
    {"training.optimizer.name", {fixed, ""}},
    {"training.optimizer.learning_rate", {may_change, "scales the rate that was reached"}},
    {"training.optimizer.weight_decay", {may_change, "counts for the steps that follow"}},
    {"training.optimizer.gradient_clip", {may_change, "counts for the steps that follow"}},
    {"training.scheduler.name", {fixed, ""}},
    {"training.scheduler.factor", {may_change, "counts from the next epoch on"}},
    {"training.scheduler.patience", {may_change, "counts from the next epoch on"}},
    {"training.scheduler.min_learning_rate", {may_change, "counts from the next epoch on"}},
    {"training.scheduler.warmup", {may_change, "the schedule is a function of the step"}},
    {"training.early_stopping.enabled", {may_change, "whether to stop is decided anew"}},
    {"training.early_stopping.patience", {may_change, "whether to stop is decided anew"}},
    {"training.early_stopping.min_delta", {may_change, "counts from the next epoch on"}},
    {"training.callbacks", {may_change, "one that is new begins with the weights of then"}},
    {"training.keep_best.k", {may_change, "counts from the next epoch on"}},
    {"training.keep_best.metric", {may_change, "counts from the next epoch on"}},
    {"training.ema.decay", {may_change, "counts for the steps that follow"}},
    {"training.loss", {fixed, ""}},
    {"training.background_share", {fixed, ""}},
    {"training.missing_stations", {fixed, ""}},
    {"training.first_stage_epochs", {fixed, ""}},
    {"training.memory_limit", {may_change, "order of the events of the epochs that follow"}},
    {"training.prefetch_batches", {no_part, "speed"}},
    {"training.precision", {fixed, ""}},
    {"training.deterministic", {no_part, "which of equal sums a GPU makes"}},
    {"training.resume", {no_part, "asks for continuing"}},
    {"prune", {no_part, "another subcommand"}},
    {"quantization", {no_part, "another subcommand"}},
    {"study", {no_part, "another subcommand, whose runs are those of its variants"}},
    {"working_points", {may_change, "of the checkpoints that follow"}},
};

// Nothing if neither the setting nor a section of it is in the table.
const Expected* find_expected(std::string key) {
  for (;;) {
    if (const auto found = table.find(key); found != table.end()) return &found->second;
    const auto dot = key.rfind('.');
    if (dot == std::string::npos) return nullptr;
    key.resize(dot);
  }
}

template <class Value>
void change(Value& value) {
  if constexpr (std::same_as<Value, bool>) {
    value = !value;
  } else if constexpr (core::NamedEnum<Value>) {
    value = static_cast<Value>((static_cast<std::size_t>(value) + 1) % names_of(value).size());
  } else if constexpr (core::AutoOrNumber<Value>) {
    value = value.value_or(1) + 1;
  } else if constexpr (core::SettingList<Value>) {
    value.pop_back();
  } else if constexpr (std::same_as<Value, std::string>) {
    value = value == "edgeconv" ? "two_stage" : value + "x";
  } else {
    value += 1;
  }
}

// A configuration in which no list is empty.
config::RunConfig full_config() {
  config::RunConfig run;
  run.quantization.keep_float = {"head.0"};
  run.model.head = {8};
  run.model.edge_features = {"localY"};
  run.model.encoding.features = {"localY"};
  run.model.first_stage.edge_features = {"localY"};
  run.model.first_stage.encoding.features = {"localY"};
  run.train_path = "data/train";
  run.trackers = {"tensorboard"};
  run.training.callbacks = {training::CallbackType::keep_best, training::CallbackType::ema};
  run.study.networks = {"edgeconv.yaml"};
  return run;
}

// The configurations in which one setting is not as in full_config(), by its key.
std::map<std::string, config::RunConfig> changed_configs() {
  config::RunConfig base = full_config();
  std::vector<std::string> keys;
  core::visit_settings(base, "",
                       [&](const std::string& key, auto&, const char*, const core::SettingRule&) {
                         keys.push_back(key);
                       });
  std::map<std::string, config::RunConfig> configs;
  for (const std::string& changed : keys) {
    config::RunConfig run = full_config();
    core::visit_settings(
        run, "", [&](const std::string& key, auto& value, const char*, const core::SettingRule&) {
          if (key == changed) change(value);
        });
    configs.emplace(changed, run);
  }
  return configs;
}

class ResumeRules : public testing::Test {
 protected:
  // A checkpoint without tensors: the rules read its metadata only.
  void SetUp() override {
    training::CheckpointMetadata metadata;
    metadata.config_yaml = config::dump(full_config());
    metadata.training_events = "0123 train";
    metadata.validation_events = "0123 val";
    data::write_safetensors(last_, std::vector<data::NamedTensor>{},
                            {{training::checkpoint_key, training::to_json(metadata)}});
    settings_.training_events = metadata.training_events;
    settings_.validation_events = metadata.validation_events;
  }

  [[nodiscard]] std::string error_on_resume(const config::RunConfig& run) const {
    return test::error_of<core::ConfigError>(
        [&] { require_same_training(read_earlier_training(last_).value(), run, settings_); });
  }
  [[nodiscard]] std::string error_in_a_study(const config::RunConfig& run) const {
    return test::error_of<core::ConfigError>(
        [&] { require_same_run(read_earlier_training(last_).value(), run, settings_); });
  }

  test::ScratchFolder folder_;
  std::filesystem::path last_ = folder_ / "last.safetensors";
  training::TrainingRun settings_;
};

TEST_F(ResumeRules, EverySettingIsRefusedOrMayChangeAsTheTableSays) {
  for (const auto& [key, run] : changed_configs()) {
    SCOPED_TRACE(key);
    const bool counts = config::has_effect(full_config(), key) || config::has_effect(run, key);
    const Expected* expected = find_expected(key);
    ASSERT_NE(expected, nullptr) << "put this setting into the table";
    EXPECT_EQ(resume_role(key), expected->role);
    EXPECT_EQ(std::string(expected->reason).empty(), expected->role == fixed);
    const std::string named = last_.string() + ": was trained with " + key + ": ";
    EXPECT_EQ(error_on_resume(run).starts_with(named), counts && expected->role == fixed);
    EXPECT_EQ(error_in_a_study(run).starts_with(named), counts && expected->role != no_part);
    const std::string changes = describe_changes(read_earlier_training(last_).value(), run);
    EXPECT_EQ(changes.starts_with(key + ": "), counts && expected->role == may_change);
  }
}

TEST_F(ResumeRules, SettingsWithoutEffectInBothMayDiffer) {
  config::RunConfig run = full_config();
  run.training.loss.gamma = 3;
  run.model.heads = 2;
  run.model.map.channels = 3;
  run.graph.radius = 7;
  run.training.scheduler.warmup = 0.5;
  EXPECT_EQ(error_on_resume(run), "");
  EXPECT_EQ(error_in_a_study(run), "");
  EXPECT_EQ(describe_changes(read_earlier_training(last_).value(), run), "");
  run.training.loss.name = training::LossType::focal;
  EXPECT_CONTAINS(error_on_resume(run),
                  "training.loss.name: bce, the configuration has focal, and "
                  "with training.loss.gamma: 2, the configuration has 3");
}

TEST_F(ResumeRules, TheTableHasNoOtherSettings) {
  const auto paths = core::all_paths_of<config::RunConfig>();
  for (const auto& [key, expected] : table)
    EXPECT_NE(std::ranges::find(paths, key), paths.end()) << key;
}

TEST_F(ResumeRules, TheSameSettingsContinue) {
  EXPECT_EQ(error_on_resume(full_config()), "");
  EXPECT_EQ(error_in_a_study(full_config()), "");
  EXPECT_EQ(describe_changes(read_earlier_training(last_).value(), full_config()), "");
}

TEST_F(ResumeRules, AllChangedSettingsAreNamedWithBothValues) {
  config::RunConfig run = full_config();
  run.training.batch_size = 7;
  EXPECT_EQ(error_on_resume(run), last_.string() +
                                      ": was trained with training.batch_size: 4, the "
                                      "configuration has 7; give another experiment_dir, or start "
                                      "again in this one with --force");
  run.seed = 1;
  EXPECT_CONTAINS(error_on_resume(run),
                  "was trained with seed: 42, the configuration has 1, and with "
                  "training.batch_size: 4, the configuration has 7; give another");
  run = full_config();
  run.training.loss.pos_weight = 3;
  run.training.scheduler.factor = 0.1;
  EXPECT_CONTAINS(error_on_resume(run),
                  "training.loss.pos_weight: auto, the configuration has 3; give");
}

TEST_F(ResumeRules, OtherEventsAreRefusedWhateverTheirPaths) {
  config::RunConfig run = full_config();
  run.train_path = "moved/train";
  EXPECT_EQ(error_on_resume(run), "");
  settings_.training_events = "4567 train";
  EXPECT_CONTAINS(
      error_on_resume(run),
      "was trained with train_path: data/train, the configuration has moved/train, which "
      "holds other events; ");
  settings_.validation_events = "4567 val";
  EXPECT_CONTAINS(error_in_a_study(run), "and with val_path: ");
}

TEST_F(ResumeRules, OtherConstantsOfTheNormalizationAreRefused) {
  settings_.normalization = features::NormalizationConstants{{1.0F}, {2.0F}};
  EXPECT_CONTAINS(error_on_resume(full_config()), "was trained with normalization_stats: ");
  config::RunConfig robust = full_config();
  robust.normalization = features::Normalization::robust;
  EXPECT_CONTAINS(error_on_resume(robust), "was trained with normalization: standard");
  EXPECT_CONTAINS(error_on_resume(full_config()), ", which gives other constants; ");
}

TEST_F(ResumeRules, AnotherNumberOfRanksIsRefused) {
  training::CheckpointMetadata metadata;
  metadata.config_yaml = config::dump(full_config());
  metadata.ranks = 2;
  data::write_safetensors(last_, std::vector<data::NamedTensor>{},
                          {{training::checkpoint_key, training::to_json(metadata)}});
  EXPECT_EQ(error_on_resume(full_config()),
            last_.string() +
                ": was trained with devices: 2 ranks, the configuration has 1 rank; give another "
                "experiment_dir, or start again in this one with --force");
}

TEST_F(ResumeRules, CheckpointsOfOlderVersionsDoNotNameTheirEvents) {
  training::CheckpointMetadata metadata;
  metadata.config_yaml = config::dump(full_config());
  data::write_safetensors(last_, std::vector<data::NamedTensor>{},
                          {{training::checkpoint_key, training::to_json(metadata)}});
  EXPECT_EQ(error_on_resume(full_config()), "");
}

TEST_F(ResumeRules, NothingIsFoundWithoutACheckpoint) {
  EXPECT_FALSE(read_earlier_training(folder_ / "absent.safetensors"));
}

TEST_F(ResumeRules, ACheckpointThatCannotBeReadIsNamedWithTheNextStep) {
  std::filesystem::resize_file(last_, 20);
  EXPECT_CONTAINS(test::data_error([&] { (void)read_earlier_training(last_); }),
                  "start again in this one with --force");
}

}  // namespace
}  // namespace stationhit::workflow
