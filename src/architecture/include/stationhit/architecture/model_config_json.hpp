// The settings of a network as JSON, as exported files carry them.
#pragma once

#include <string>

#include <stationhit/architecture/model_config.hpp>

namespace stationhit::architecture {

[[nodiscard]] std::string to_json(const ModelConfig& config);

// The inverse. Settings that the text lacks have their defaults. Throws ConfigError for text that
// is no such JSON and for settings that check() refuses.
[[nodiscard]] ModelConfig model_config_from_json(const std::string& text);

}  // namespace stationhit::architecture
