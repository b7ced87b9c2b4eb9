// Settings of pruning and what they may be. Header only and free of Torch: programs without Torch
// read and check configurations too.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/settings.hpp>

namespace stationhit::training {

// What a step takes away: hidden features (equally many of every attention head and band), whole
// attention heads with their channels, scales of the encoding.
enum class PrunedPart { channels, heads, scales };
constexpr auto names_of(PrunedPart) {
  return std::to_array<std::string_view>({"channels", "heads", "scales"});
}

struct PruneConfig {
  std::int32_t steps = 3;  // networks of the curve beside the one that is pruned
  double keep = 0.75;      // share that a step keeps of every part
  std::vector<PrunedPart> parts = {PrunedPart::channels, PrunedPart::scales};
  std::int32_t events = 200;    // training events on which the importance is measured
  std::int32_t epochs = 3;      // fine-tuning after each step
  double learning_rate = 1e-3;  // its largest learning rate

  static void describe(auto& self, auto&& setting) {
    setting("steps", self.steps, "Networks to make, each out of the one before",
            core::between(1, 32));
    setting("keep", self.keep, "Share that a step keeps of each of the parts",
            core::between(0.05, 0.99));
    setting(
        "parts", self.parts,
        "What is taken away: channels (hidden features, equally many of every attention head and "
        "band), heads (whole attention heads with their channels), scales (of the encoding)");
    setting("events", self.events,
            "Training events on which the importance of the units is measured", core::at_least(1));
    setting("epochs", self.epochs, "Epochs of training after each step", core::at_least(1));
    setting("learning_rate", self.learning_rate,
            "Learning rate of these epochs, in the place of that of the optimizer", core::above(0));
  }
};

// Throws ConfigError naming the key, its value and what is allowed.
inline void check(const PruneConfig& config) {
  core::check_settings(config, "prune");
  if (config.parts.empty())
    throw core::ConfigError("prune.parts is empty; give one or more of: " +
                            core::join(core::all_names<PrunedPart>()));
}

}  // namespace stationhit::training
