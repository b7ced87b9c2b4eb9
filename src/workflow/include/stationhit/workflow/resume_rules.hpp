// When a run directory may be continued, and when it may be replaced.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <stationhit/config/run_config.hpp>
#include <stationhit/training/checkpoint_metadata.hpp>
#include <stationhit/training/training_run.hpp>

namespace stationhit::workflow {

// The part of a setting where a training is continued.
enum class ResumeRole {
  fixed,       // decides how the epochs are trained: another value is refused
  may_change,  // decides it as well; another value counts for the epochs that follow
  no_part      // decides nothing of it: places of files, speed, other subcommands
};

// Every setting has a role; unknown keys have no part.
[[nodiscard]] ResumeRole resume_role(const std::string& key);

// The training whose checkpoint a run directory holds.
struct EarlierTraining {
  std::filesystem::path checkpoint;
  training::CheckpointMetadata metadata;
  config::RunConfig run;
};

// Nothing where there is no such file. Throws DataError, ConfigError for one that cannot be read.
[[nodiscard]] std::optional<EarlierTraining> read_earlier_training(
    const std::filesystem::path& last_checkpoint);

// Continuing, and starting again with training.resume: false: what decides how the epochs are
// trained must not change, neither the settings nor the events nor the constants of the
// normalization. `settings` are those of the run that goes on. Throws ConfigError naming the file,
// the settings and both values.
void require_same_training(const EarlierTraining& earlier, const config::RunConfig& run,
                           const training::TrainingRun& settings);

// The same where the checkpoint is damaged, by the configuration that was written beside it. Events
// and constants are not compared.
void require_same_settings(const std::filesystem::path& written, const config::RunConfig& run);

// A training that stands for a measurement of a study: throws as above for every setting that has a
// part.
void require_same_run(const EarlierTraining& earlier, const config::RunConfig& run,
                      const training::TrainingRun& settings);

// Settings that would count for further epochs and were changed, as "key: before, now after";
// empty if there are none.
[[nodiscard]] std::string describe_changes(const EarlierTraining& earlier,
                                           const config::RunConfig& run);

}  // namespace stationhit::workflow
