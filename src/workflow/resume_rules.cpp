// Both configurations are compared setting by setting; the tables say which differences matter.
// Settings without effect in both of them are passed over.
// Events and constants of the normalization are compared by what they are and not by their paths,
// because folders may be moved and sets may be materialized.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <stationhit/config/load.hpp>
#include <stationhit/config/settings_without_effect.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/key_path.hpp>
#include <stationhit/core/settings.hpp>
#include <stationhit/training/checkpoint.hpp>
#include <stationhit/workflow/existing_results.hpp>
#include <stationhit/workflow/resume_rules.hpp>

namespace stationhit::workflow {
namespace {

using Differences = std::vector<core::SettingDifference>;

// A section stands for all its settings that are not in the other table.
constexpr std::array fixed_settings{"seed",
                                    "features",
                                    "graph",
                                    "model",
                                    "training.events",
                                    "training.batch_size",
                                    "training.accumulate_batches",
                                    "training.overfit_batches",
                                    "training.monitor",
                                    "training.optimizer.name",
                                    "training.scheduler.name",
                                    "training.loss",
                                    "training.background_share",
                                    "training.missing_stations",
                                    "training.precision",
                                    "training.first_stage_epochs"};
constexpr std::array changeable_settings{"training.epochs",
                                         "training.optimizer",
                                         "training.scheduler",
                                         "training.early_stopping",
                                         "training.callbacks",
                                         "training.keep_best",
                                         "training.ema",
                                         "training.limit_train_batches",
                                         "training.limit_val_batches",
                                         "training.memory_limit",
                                         "working_points"};

constexpr const char* advice =
    "give another experiment_dir, or start again in this one with --force";

bool is_listed(const auto& table, const std::string& key) {
  return std::ranges::any_of(
      table, [&](const std::string& listed) { return core::is_in_section(listed, key); });
}

// Checkpoints of older versions do not say which events they were trained on.
bool are_other_events(const std::string& before, const std::string& now) {
  return !before.empty() && !now.empty() && before != now;
}

bool are_equal(const std::optional<features::NormalizationConstants>& a,
               const std::optional<features::NormalizationConstants>& b) {
  return a.has_value() == b.has_value() && (!a || (a->mean == b->mean && a->inv_std == b->inv_std));
}

std::string describe_ranks(std::uint32_t ranks) {
  return std::to_string(ranks) + (ranks == 1 ? " rank" : " ranks");
}

Differences find_other_data(const EarlierTraining& earlier, const config::RunConfig& run,
                            const training::TrainingRun& settings) {
  Differences differences;
  const auto& [checkpoint, metadata, before] = earlier;
  const auto add = [&](const char* key, const std::string& first, const std::string& second,
                       const char* what) {
    differences.push_back(make_content_difference(key, first, second, what));
  };
  if (are_other_events(metadata.training_events, settings.training_events))
    add("train_path", before.train_path, run.train_path, "holds other events");
  if (are_other_events(metadata.validation_events, settings.validation_events))
    add("val_path", before.val_path, run.val_path, "holds other events");
  if (metadata.ranks != settings.ranks.size())
    differences.push_back(
        {"devices", describe_ranks(metadata.ranks), describe_ranks(settings.ranks.size())});
  if (!are_equal(metadata.normalization, settings.normalization)) {
    if (before.normalization == run.normalization)
      add("normalization_stats", before.normalization_stats, run.normalization_stats,
          "gives other constants");
    else
      differences.push_back({"normalization", std::string(core::name(before.normalization)),
                             std::string(core::name(run.normalization))});
  }
  return differences;
}

template <class Matters>
Differences find_setting_differences(const config::RunConfig& before, const config::RunConfig& now,
                                     Matters matters) {
  Differences differences = core::find_differences(before, now);
  std::erase_if(differences, [&](const auto& setting) {
    return !matters(resume_role(setting.key)) ||
           (!config::has_effect(before, setting.key) && !config::has_effect(now, setting.key));
  });
  return differences;
}

bool is_fixed(ResumeRole role) { return role == ResumeRole::fixed; }
bool may_change(ResumeRole role) { return role == ResumeRole::may_change; }
bool has_part(ResumeRole role) { return role != ResumeRole::no_part; }

template <class Matters>
void require_equal(const EarlierTraining& earlier, const config::RunConfig& run,
                   const training::TrainingRun& settings, Matters matters) {
  Differences differences = find_setting_differences(earlier.run, run, matters);
  std::ranges::copy(find_other_data(earlier, run, settings), std::back_inserter(differences));
  require_no_difference(earlier.checkpoint.string() + ": was trained", differences, advice);
}

}  // namespace

ResumeRole resume_role(const std::string& key) {
  if (is_listed(fixed_settings, key)) return ResumeRole::fixed;
  return is_listed(changeable_settings, key) ? ResumeRole::may_change : ResumeRole::no_part;
}

std::optional<EarlierTraining> read_earlier_training(const std::filesystem::path& last_checkpoint) {
  if (!std::filesystem::exists(last_checkpoint)) return std::nullopt;
  try {
    auto metadata = training::read_checkpoint_metadata(last_checkpoint);
    auto run =
        config::parse_text<config::RunConfig>(metadata.config_yaml, last_checkpoint.string());
    return EarlierTraining{last_checkpoint, std::move(metadata), std::move(run)};
  } catch (const core::Error& error) {
    throw core::DataError(std::string(error.what()) + "; " + advice + " or training.resume: false");
  }
}

void require_same_training(const EarlierTraining& earlier, const config::RunConfig& run,
                           const training::TrainingRun& settings) {
  require_equal(earlier, run, settings, is_fixed);
}

void require_same_run(const EarlierTraining& earlier, const config::RunConfig& run,
                      const training::TrainingRun& settings) {
  require_equal(earlier, run, settings, has_part);
}

void require_same_settings(const std::filesystem::path& written, const config::RunConfig& run) {
  const auto before = config::load<config::RunConfig>(written, {});
  require_no_difference(written.string() + ": the training was begun",
                        find_setting_differences(before, run, is_fixed), advice);
}

std::string describe_changes(const EarlierTraining& earlier, const config::RunConfig& run) {
  return describe_changes(find_setting_differences(earlier.run, run, may_change));
}

}  // namespace stationhit::workflow
