// Both configurations are compared setting by setting; those of the list decide what the epochs do.
#include <algorithm>
#include <array>
#include <string>

#include <stationhit/config/load.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/settings.hpp>
#include <stationhit/training/checkpoint.hpp>
#include <stationhit/workflow/resume_rules.hpp>

namespace stationhit::workflow {
namespace {

// A section stands for all its settings.
constexpr std::array decisive_settings{
    "seed",          "training.batch_size",      "training.monitor", "training.scheduler.name",
    "training.loss", "training.background_share"};

bool is_decisive(const std::string& key) {
  return std::ranges::any_of(decisive_settings, [&](const std::string& decisive) {
    return key == decisive || key.starts_with(decisive + ".");
  });
}

// The configuration of the part of the run that is continued; nothing where none is.
std::optional<config::RunConfig> read_earlier_config(const config::RunConfig& run,
                                                     const std::filesystem::path& last) {
  if (!run.training.resume || !std::filesystem::exists(last)) return std::nullopt;
  return config::parse_text<config::RunConfig>(training::read_checkpoint_metadata(last).config_yaml,
                                               last.string());
}

}  // namespace

void require_same_training(const config::RunConfig& run, const std::filesystem::path& last) {
  const auto before = read_earlier_config(run, last);
  if (!before) return;
  for (const auto& [key, found, expected] : core::find_differences(*before, run)) {
    if (!is_decisive(key)) continue;
    throw core::DataError(
        last.string() + ": was trained with " + key + ": " + found + ", the configuration has " +
        expected + "; give another experiment_dir, or set training.resume: false to start again");
  }
}

std::optional<double> find_earlier_learning_rate(const config::RunConfig& run,
                                                 const std::filesystem::path& last) {
  const auto before = read_earlier_config(run, last);
  if (!before) return std::nullopt;
  return before->training.optimizer.learning_rate;
}

}  // namespace stationhit::workflow
