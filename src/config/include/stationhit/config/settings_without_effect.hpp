// Settings that are given but not used because of another one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <stationhit/config/run_config.hpp>

namespace stationhit::config {

// Whether the training depends on the setting of this key path, the others being as they are.
[[nodiscard]] bool has_effect(const RunConfig& run, std::string_view key);

// The setting that decides that another one has no effect.
struct DecidingChoice {
  std::string setting;  // key path
  std::string value;
};
// Nothing if the setting of this key path has an effect.
[[nodiscard]] std::optional<DecidingChoice> find_deciding_choice(const RunConfig& run,
                                                                 std::string_view key);

// "graph.k: 8 has no effect with graph.edges: fully_connected" for every setting that differs from
// its default and does nothing. (A resolved configuration names every setting, so that one with its
// default says nothing.)
[[nodiscard]] std::vector<std::string> find_settings_without_effect(const RunConfig& run);

}  // namespace stationhit::config
