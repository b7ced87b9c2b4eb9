// A table says on which choice a setting depends; what differs from the defaults is looked up
// there.
#include <algorithm>
#include <string>

#include <stationhit/architecture/read_settings.hpp>
#include <stationhit/config/settings_without_effect.hpp>
#include <stationhit/core/settings.hpp>

namespace stationhit::config {
namespace {

using training::CallbackType;
using training::LossType;
using training::SchedulerType;

struct Dependence {
  std::string setting;
  bool used;
  std::string choice;  // the setting that decides
  std::string value;
};
using Dependences = std::vector<Dependence>;

// setting: its key path below `model`
Dependence dependence_of_model(const architecture::ModelConfig& model, const std::string& setting) {
  const std::string key = "model." + setting;
  const bool used = architecture::has_effect(model, setting);
  const bool is_of_first_stage = setting.starts_with("first_stage.");
  const std::size_t encoding = setting.find("encoding.");
  if (encoding == std::string::npos || (is_of_first_stage && !architecture::has_first_stage(model)))
    return {key, used, "model.architecture", model.architecture};
  const std::string section = "model." + setting.substr(0, encoding) + "encoding.";
  const architecture::EncodingConfig& config =
      is_of_first_stage ? model.first_stage.encoding : model.encoding;
  if (setting.ends_with("embedding_width"))
    return {key, used, section + "discrete", std::string(core::name(config.discrete))};
  return {key, used, section + "type", std::string(core::name(config.type))};
}

void add_network(Dependences& all, const RunConfig& run) {
  const std::string edges(core::name(run.graph.edges));
  for (const char* key : {"k", "metric", "radius"})
    all.push_back(
        {std::string("graph.") + key, graph::has_effect(run.graph, key), "graph.edges", edges});
  all.push_back({"model.neighbors", graph::has_table(run.graph), "graph.edges", edges});
  for (const std::string& setting : core::all_paths_of<architecture::ModelConfig>())
    all.push_back(dependence_of_model(run.model, setting));
  all.push_back({"training.first_stage_epochs", architecture::has_first_stage(run.model),
                 "model.architecture", run.model.architecture});
}

void add_schedule(Dependences& all, const training::SchedulerConfig& config) {
  const bool plateau = config.name == SchedulerType::reduce_lr_on_plateau;
  const bool one_cycle = config.name == SchedulerType::one_cycle;
  const bool cosine = config.name == SchedulerType::cosine;
  const auto add = [&](const char* key, bool used) {
    all.push_back({std::string("training.scheduler.") + key, used, "training.scheduler.name",
                   std::string(core::name(config.name))});
  };
  add("factor", plateau);
  add("patience", plateau);
  add("min_learning_rate", plateau || cosine);
  add("warmup", one_cycle || cosine);
}

void add_loss(Dependences& all, LossType loss) {
  const auto add = [&](const char* key, bool used) {
    all.push_back({std::string("training.loss.") + key, used, "training.loss.name",
                   std::string(core::name(loss))});
  };
  add("pos_weight", loss != LossType::focal);
  add("alpha", loss == LossType::focal);
  add("gamma", loss == LossType::focal);
}

void add_callbacks(Dependences& all, const std::vector<CallbackType>& callbacks) {
  const auto add = [&](const char* setting, CallbackType callback) {
    all.push_back({setting, std::ranges::find(callbacks, callback) != callbacks.end(),
                   "training.callbacks",
                   core::value_text(callbacks) + ", where " + std::string(core::name(callback)) +
                       " is missing"});
  };
  add("training.keep_best.k", CallbackType::keep_best);
  add("training.keep_best.metric", CallbackType::keep_best);
  add("training.ema.decay", CallbackType::ema);
}

Dependences dependences_of(const RunConfig& run) {
  Dependences all{
      {"normalization", !run.normalization_stats.empty(), "normalization_stats", "null"}};
  add_network(all, run);
  add_schedule(all, run.training.scheduler);
  add_loss(all, run.training.loss.name);
  add_callbacks(all, run.training.callbacks);
  for (const char* key : {"patience", "min_delta"})
    all.push_back({std::string("training.early_stopping.") + key,
                   run.training.early_stopping.enabled, "training.early_stopping.enabled",
                   "false"});
  for (const char* limit : {"training.limit_train_batches", "training.limit_val_batches"})
    all.push_back({limit, run.training.overfit_batches == 0, "training.overfit_batches",
                   std::to_string(run.training.overfit_batches)});
  return all;
}

// Null if something depends on the setting.
const Dependence* find_reason(const Dependences& all, std::string_view key) {
  const auto found = std::ranges::find_if(all, [&](const Dependence& dependence) {
    return dependence.setting == key && !dependence.used;
  });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

std::optional<DecidingChoice> find_deciding_choice(const RunConfig& run, std::string_view key) {
  const Dependences dependences = dependences_of(run);
  const Dependence* reason = find_reason(dependences, key);
  if (reason == nullptr) return std::nullopt;
  return DecidingChoice{reason->choice, reason->value};
}

bool has_effect(const RunConfig& run, std::string_view key) {
  return !find_deciding_choice(run, key);
}

std::vector<std::string> find_settings_without_effect(const RunConfig& run) {
  const Dependences dependences = dependences_of(run);
  std::vector<std::string> texts;
  for (const core::SettingDifference& given : core::find_differences(run, RunConfig{})) {
    const Dependence* reason = find_reason(dependences, given.key);
    if (reason == nullptr) continue;
    texts.push_back(given.key + ": " + given.first + " has no effect with " + reason->choice +
                    ": " + reason->value);
  }
  return texts;
}

}  // namespace stationhit::config
