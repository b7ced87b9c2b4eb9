// Purposes that read little have a list of what they read, the others of what they do not. A
// section stands for all its settings.
#include <algorithm>
#include <initializer_list>

#include <stationhit/config/unread_settings.hpp>
#include <stationhit/core/key_path.hpp>

namespace stationhit::config {
namespace {

using Sections = std::initializer_list<std::string_view>;

bool is_in(Sections sections, std::string_view key) {
  return std::ranges::any_of(
      sections, [&](std::string_view section) { return core::is_in_section(section, key); });
}

bool is_read_for_export(std::string_view key) {
  return is_in({"experiment_dir", "checkpoint_path", "val_path", "test_path", "features", "graph",
                "model", "threads"},
               key);
}

}  // namespace

bool is_read(RunPurpose purpose, std::string_view key) {
  switch (purpose) {
    case RunPurpose::statistics:
      return is_in({"train_path", "normalization_stats", "features", "graph", "threads"}, key);
    case RunPurpose::materialization:
      return is_in({"train_path", "val_path", "test_path", "normalization_stats", "features",
                    "graph", "threads"},
                   key);
    case RunPurpose::training:
      return !is_in({"checkpoint_path", "prune", "quantization", "study"}, key);
    case RunPurpose::test:
      return is_in({"experiment_dir", "checkpoint_path", "train_path", "val_path", "test_path",
                    "sample_label", "features", "graph", "model", "training.epochs",
                    "working_points", "threads"},
                   key);
    case RunPurpose::exporting:
      return is_read_for_export(key);
    case RunPurpose::quantization:
      return is_read_for_export(key) || is_in({"train_path", "quantization", "sample_label"}, key);
    case RunPurpose::pruning:
      // prune.* stand for those of the training.
      return !is_in({"quantization", "study", "trackers", "use_comet", "rank_timeout",
                     "training.epochs", "training.first_stage_epochs",
                     "training.optimizer.learning_rate", "training.early_stopping"},
                    key);
    case RunPurpose::study:
      // study.seeds stands for seed.
      return !is_in({"checkpoint_path", "prune", "quantization", "trackers", "use_comet",
                     "rank_timeout", "seed", "training.resume"},
                    key);
    case RunPurpose::search:
      return !is_in({"experiment_dir", "checkpoint_path", "prune", "quantization", "study"}, key);
    case RunPurpose::documentation:
      break;
  }
  return true;
}

std::vector<std::string> find_unread(RunPurpose purpose, std::span<const std::string> overrides) {
  std::vector<std::string> unread;
  for (const std::string& argument : overrides)
    if (!is_read(purpose, std::string_view(argument).substr(0, argument.find('='))))
      unread.push_back(argument);
  return unread;
}

}  // namespace stationhit::config
