// A table says on which choice a setting depends; what differs from the defaults is looked up
// there.
#include <algorithm>
#include <array>

#include <stationhit/config/settings_without_effect.hpp>
#include <stationhit/core/settings.hpp>

namespace stationhit::config {
namespace {

using training::LossType;
using training::SchedulerType;

struct Dependence {
  std::string setting;
  bool used;
  const char* choice;  // the setting that decides
  std::string value;
};

std::vector<Dependence> dependences_of(const RunConfig& run) {
  const SchedulerType schedule = run.training.scheduler.name;
  const bool plateau = schedule == SchedulerType::reduce_lr_on_plateau;
  const bool one_cycle = schedule == SchedulerType::one_cycle;
  const bool cosine = schedule == SchedulerType::cosine;
  const bool focal = run.training.loss.name == LossType::focal;
  const std::string edges(core::name(run.graph.edges));
  const std::string scheduler(core::name(schedule));
  const std::string loss(core::name(run.training.loss.name));
  return {
      {"normalization", !run.normalization_stats.empty(), "normalization_stats", "null"},
      {"graph.k", graph::has_effect(run.graph, "k"), "graph.edges", edges},
      {"graph.metric", graph::has_effect(run.graph, "metric"), "graph.edges", edges},
      {"model.neighbors", graph::has_table(run.graph), "graph.edges", edges},
      {"graph.radius", graph::has_effect(run.graph, "radius"), "graph.edges", edges},
      {"training.scheduler.factor", plateau, "training.scheduler.name", scheduler},
      {"training.scheduler.patience", plateau, "training.scheduler.name", scheduler},
      {"training.scheduler.min_learning_rate", plateau || cosine, "training.scheduler.name",
       scheduler},
      {"training.scheduler.warmup", one_cycle || cosine, "training.scheduler.name", scheduler},
      {"training.loss.pos_weight", !focal, "training.loss.name", loss},
      {"training.loss.alpha", focal, "training.loss.name", loss},
      {"training.loss.gamma", focal, "training.loss.name", loss},
      {"training.early_stopping.patience", run.training.early_stopping.enabled,
       "training.early_stopping.enabled", "false"},
      {"training.early_stopping.min_delta", run.training.early_stopping.enabled,
       "training.early_stopping.enabled", "false"},
  };
}

}  // namespace

std::vector<std::string> find_settings_without_effect(const RunConfig& run) {
  const std::vector<Dependence> dependences = dependences_of(run);
  std::vector<std::string> texts;
  for (const core::SettingDifference& given : core::find_differences(run, RunConfig{})) {
    const auto found = std::ranges::find(dependences, given.key, &Dependence::setting);
    if (found == dependences.end() || found->used) continue;
    texts.push_back(given.key + ": " + given.first + " has no effect with " + found->choice + ": " +
                    found->value);
  }
  return texts;
}

}  // namespace stationhit::config
