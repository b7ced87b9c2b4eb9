// A pruned network carries the configuration of the call that made it, its events and the checksum
// of the weights that it was made of. Files of versions before that have no such checksum.
#include "pruning_rules.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <stationhit/config/load.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/key_path.hpp>
#include <stationhit/data/safetensors.hpp>
#include <stationhit/training/checkpoint.hpp>
#include <stationhit/workflow/existing_results.hpp>
#include <stationhit/workflow/resume_rules.hpp>

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;

// Settings of the training that the training after a step does not take from the configuration, or
// that decide no weight.
constexpr std::array left_out{"training.epochs", "training.first_stage_epochs",
                              "training.optimizer.learning_rate", "training.loss.pos_weight",
                              "working_points"};

constexpr const char* advice =
    "prune into another experiment_dir (with checkpoint_path), or start again with --force";

training::CheckpointMetadata read_step(const fs::path& pruned) {
  try {
    return training::read_checkpoint_metadata(pruned);
  } catch (const core::DataError& error) {
    throw core::DataError(std::string(error.what()) + ", or prune again with --force");
  }
}

std::string make_text(const fs::path& pruned) { return pruned.string() + ": was pruned"; }

}  // namespace

bool decides_pruning(const std::string& key) {
  if (core::below_section("prune", key)) return key != "prune.steps";
  return resume_role(key) != ResumeRole::no_part &&
         !core::below_section("training.early_stopping", key) &&
         !core::below_section("training.keep_best", key) &&
         std::ranges::find(left_out, key) == left_out.end();
}

std::string identify_weights(const fs::path& checkpoint) {
  return data::SafetensorsFile(checkpoint).checksum();
}

void record_pruning(training::CheckpointMetadata& pruned, const config::RunConfig& run,
                    const Splits& splits, const fs::path& parent) {
  pruned.config_yaml = config::dump(run);
  pruned.training_events = splits.train->events_id();
  pruned.validation_events = splits.validation->events_id();
  pruned.pruned_from = identify_weights(parent);
}

void require_same_pruning(const fs::path& pruned, const config::RunConfig& run,
                          const Splits& splits, const core::Logger& log) {
  const auto metadata = read_step(pruned);
  if (metadata.pruned_from.empty())
    return log.warning(pruned.string() +
                       ": does not say how it was pruned (a file of an older version) and is taken "
                       "as it is; --force prunes again");
  const auto before = config::parse_text<config::RunConfig>(metadata.config_yaml, pruned.string());
  auto differences = core::find_differences(before, run);
  std::erase_if(differences, [](const auto& setting) { return !decides_pruning(setting.key); });
  const auto compare = [&](const char* key, const std::string& first, const std::string& second,
                           const std::string& events, const LabeledSplit& split) {
    if (events != split.events_id())
      differences.push_back(make_content_difference(key, first, second, "holds other events"));
  };
  compare("train_path", before.train_path, run.train_path, metadata.training_events, *splits.train);
  compare("val_path", before.val_path, run.val_path, metadata.validation_events,
          *splits.validation);
  require_no_difference(make_text(pruned), differences, advice);
}

void require_same_parent(const fs::path& pruned, const fs::path& parent) {
  const std::string before = training::read_checkpoint_metadata(pruned).pruned_from;
  const std::string now = identify_weights(parent);
  if (before.empty() || before == now) return;
  throw core::ConfigError(make_text(pruned) + " from weights with the checksum " + before + ", " +
                          parent.string() + " has weights with the checksum " + now + "; " +
                          advice);
}

}  // namespace stationhit::workflow
