#include "make_model_card.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <vector>

#include <nlohmann/json.hpp>

#include <stationhit/config/load.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/version.hpp>
#include <stationhit/evaluation/test_results.hpp>
#include <stationhit/training/run_files.hpp>
#include <stationhit/workflow/labeled_split.hpp>

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// What is not recorded about a model is said once, and is no reason not to export it.
class CardLog {
 public:
  explicit CardLog(const core::Logger& log) : log_(log) {}
  void lacks(const std::string& what, const std::string& reason) const {
    log_.info("the model card lacks " + what + ": " + reason);
  }

 private:
  const core::Logger& log_;
};

Json sample_json(const LabeledSplit& split, const std::string& label) {
  const core::SampleInfo sample = label_sample(split, label);
  return {{"events", split.n_events()}, {"origin", sample.origin}, {"mu", sample.mu}};
}

// nullopt: not there. `events_id`: of the events that the checkpoint was made with.
std::optional<Json> describe_sample(const std::string& folder, const std::string& what,
                                    const std::string& events_id, const config::RunConfig& run,
                                    const training::CheckpointMetadata& metadata,
                                    const CardLog& log) {
  const std::string part = "the " + what + " sample";
  if (folder.empty()) return log.lacks(part, "the configuration names none"), std::nullopt;
  try {
    const auto split = open_labeled_split(folder, {metadata.feature_names, metadata.graph});
    if (split->events_id() == events_id) return sample_json(*split, run.sample_label);
    log.lacks(part, folder + " holds other events than those of the checkpoint");
  } catch (const core::Error& error) {
    log.lacks(part, error.what());
  }
  return std::nullopt;
}

// A test of another checkpoint says nothing about this one: it names the checkpoint, or is that of
// the best one before a further training, whose thresholds were others.
bool is_test_of(const evaluation::TestResults& results,
                const training::CheckpointMetadata& metadata) {
  if (!results.checkpoint.empty() ||
      results.validation_thresholds.size() != metadata.thresholds.size())
    return false;
  std::vector<float> tested, carried;
  for (const auto& point : results.validation_thresholds) tested.push_back(point.threshold);
  for (const auto& [point, threshold] : metadata.thresholds) carried.push_back(threshold);
  std::ranges::sort(tested);
  std::ranges::sort(carried);
  return tested == carried;
}

std::optional<Json> describe_test(const config::RunConfig& run,
                                  const training::CheckpointMetadata& metadata,
                                  const CardLog& log) {
  const fs::path file = fs::path(run.experiment_dir) / "test" / "metrics.json";
  const std::string next_step = "; stationhit test, then export again";
  if (!fs::exists(file))
    return log.lacks("results", "there is no " + file.string() + next_step), std::nullopt;
  try {
    const auto results = evaluation::read_test_results(file);
    if (is_test_of(results, metadata)) return Json::parse(card_results_json(results));
    log.lacks("results", file.string() + " is the test of another checkpoint" + next_step);
  } catch (const core::DataError& error) {
    log.lacks("results", error.what());
  }
  return std::nullopt;
}

void add(Json& card, const char* key, std::optional<Json> value) {
  if (value) card[key] = *std::move(value);
}

void add(Json& card, const char* key, const std::string& text) {
  if (!text.empty()) card[key] = text;
}

}  // namespace

std::string make_model_card(const config::RunConfig& run,
                            const training::CheckpointMetadata& metadata, const CardTexts& texts,
                            const core::Logger& logger) {
  const CardLog log(logger);
  const auto trained = config::parse_text<config::RunConfig>(metadata.config_yaml,
                                                             "the configuration in the checkpoint");
  Json card{
      {"trained_by", metadata.program_version + " (" + metadata.git_commit + ")"},
      {"exported_by", std::string(core::version()) + " (" + std::string(core::git_commit()) + ")"},
      {"seed", trained.seed},
      {"epoch", metadata.epoch}};
  add(card, "training_sample",
      describe_sample(run.train_path, "training", metadata.training_events, run, metadata, log));
  add(card, "validation_sample",
      describe_sample(run.val_path, "validation", metadata.validation_events, run, metadata, log));
  add(card, "test", describe_test(run, metadata, log));
  add(card, "license", texts.license);
  add(card, "intended_use", texts.intended_use);
  add(card, "limits", texts.limits);
  return card.dump();
}

}  // namespace stationhit::workflow
