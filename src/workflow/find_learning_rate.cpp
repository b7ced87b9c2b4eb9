#include <memory>
#include <string>

#include <stationhit/core/directory_lock.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/output_target.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/training/checkpoint.hpp>
#include <stationhit/training/early_stopping.hpp>
#include <stationhit/training/run_files.hpp>
#include <stationhit/workflow/find_learning_rate.hpp>
#include <stationhit/workflow/train.hpp>

#include "learning_rate_figure.hpp"
#include "old_results.hpp"

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;

std::string learning_rates_csv(const training::LearningRateTest& test) {
  std::string csv = "step,learning_rate,loss,smoothed_loss\n";
  std::size_t step = 0;
  for (const training::LearningRateStep& row : test.steps)
    csv.append(std::to_string(++step))
        .append(",")
        .append(core::to_text(row.learning_rate))
        .append(",")
        .append(core::to_text(row.loss))
        .append(",")
        .append(core::to_text(row.smoothed))
        .append("\n");
  return csv;
}

bool first_stage_is_trained(const config::RunConfig& run) {
  const fs::path last =
      training::last_checkpoint(training::first_stage_directory(run.experiment_dir));
  return fs::exists(last) && training::is_finished(training::read_checkpoint_metadata(last),
                                                   run.training.first_stage_epochs);
}

training::TrainingHooks make_hooks(const core::Observer& observer,
                                   const training::LearningRateRange& range) {
  training::TrainingHooks hooks;
  hooks.progress = [progress =
                        std::shared_ptr(observer.start_progress("learning-rate test", range.steps)),
                    steps = std::uint64_t{0}](const training::TrainingProgress& now) mutable {
    if (now.phase == training::Phase::training) progress->update(++steps);
  };
  hooks.stop = &observer.stop_flag();
  hooks.log = observer.log();
  return hooks;
}

}  // namespace

FoundLearningRate find_learning_rate(const config::RunConfig& run, const RunOptions& options,
                                     const core::Observer& observer, const RunRanks& ranks) {
  const Splits splits = open_splits(run, options.config_file);
  training::TrainingRun settings = make_training_run(run, ranks);
  FoundLearningRate found;
  found.is_of_first_stage =
      architecture::has_first_stage(run.model) && !first_stage_is_trained(run);
  if (found.is_of_first_stage) settings.model = architecture::first_stage_model(run.model);
  const bool writes = !options.debug && settings.ranks.is_first();
  const fs::path folder = fs::path(run.experiment_dir) / "find_lr";
  std::optional<core::DirectoryLock> lock;
  if (writes) {
    require_no_data_set(run.experiment_dir);
    lock.emplace(folder, observer.log());
    core::require_output_folder(folder);
  }
  const training::LearningRateRange range;
  found.test = training::test_learning_rates(settings, make_training_data(splits, run.seed), range,
                                             make_hooks(observer, range));
  found.suggestion = training::suggest_learning_rate(found.test.steps);
  if (!writes || found.test.interrupted) return found;
  core::write_text_file(folder / "learning_rates.csv", learning_rates_csv(found.test));
  draw_learning_rates(found.test, found.suggestion, splits.train->sample(), folder);
  found.folder = folder;
  return found;
}

}  // namespace stationhit::workflow
