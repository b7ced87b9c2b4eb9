#include <string>

#include <stationhit/config/load.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/training/checkpoint.hpp>
#include <stationhit/workflow/resume_rules.hpp>

namespace stationhit::workflow {

void require_same_training(const config::RunConfig& run, const std::filesystem::path& last) {
  if (!run.training.resume || !std::filesystem::exists(last)) return;
  const auto before = config::parse_text<config::RunConfig>(
      training::read_checkpoint_metadata(last).config_yaml, last.string());
  const auto compare = [&](const std::string& key, const std::string& found,
                           const std::string& expected) {
    if (found == expected) return;
    throw core::DataError(
        last.string() + ": was trained with " + key + ": " + found + ", the configuration has " +
        expected + "; give another experiment_dir, or set training.resume: false to start again");
  };
  const training::TrainingConfig &a = before.training, &b = run.training;
  compare("seed", std::to_string(before.seed), std::to_string(run.seed));
  compare("training.batch_size", std::to_string(a.batch_size), std::to_string(b.batch_size));
  compare("training.background_share", core::to_text(a.background_share),
          core::to_text(b.background_share));
  compare("training.monitor", a.monitor, b.monitor);
  compare("training.scheduler.name", a.scheduler.name, b.scheduler.name);
  compare("training.loss.name", a.loss.name, b.loss.name);
  compare("training.loss.pos_weight", a.loss.pos_weight, b.loss.pos_weight);
  compare("training.loss.alpha", core::to_text(a.loss.alpha), core::to_text(b.loss.alpha));
  compare("training.loss.gamma", core::to_text(a.loss.gamma), core::to_text(b.loss.gamma));
}

}  // namespace stationhit::workflow
