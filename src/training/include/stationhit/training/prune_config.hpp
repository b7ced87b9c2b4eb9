// Settings of pruning and what they may be. Header only and free of Torch: programs without Torch
// read and check configurations too.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/setting_rule.hpp>

namespace stationhit::training {

struct PruneConfig {
  std::int32_t steps = 3;  // networks of the curve beside the one that is pruned
  double keep = 0.75;      // share that a step keeps of every part
  std::vector<std::string> parts = {"channels", "scales"};  // channels | heads | scales
  std::int32_t events = 200;    // training events on which the importance is measured
  std::int32_t epochs = 3;      // fine-tuning after each step
  double learning_rate = 1e-3;  // its largest learning rate
};

namespace rules {
inline const core::SettingRule prune_steps = core::between(1, 32);
inline const core::SettingRule prune_keep = core::between(0.05, 0.99);
inline const core::SettingRule prune_part = core::one_of({"channels", "heads", "scales"});
inline const core::SettingRule prune_events = core::at_least(1);
}  // namespace rules

// Throws ConfigError naming the key, its value and what is allowed.
inline void check(const PruneConfig& config) {
  core::require("prune.steps", config.steps, rules::prune_steps);
  core::require("prune.keep", config.keep, rules::prune_keep);
  if (config.parts.empty())
    throw core::ConfigError("prune.parts is empty; give one or more of: channels, heads, scales");
  for (const auto& part : config.parts) core::require("prune.parts", part, rules::prune_part);
  core::require("prune.events", config.events, rules::prune_events);
}

}  // namespace stationhit::training
