// Which settings of a network have an effect.
#pragma once

#include <string_view>

#include <stationhit/architecture/model_config.hpp>

namespace stationhit::architecture {

// False for a setting ("heads", "encoding.base") that the chosen network or encoding does not read.
// The configuration must have passed check().
[[nodiscard]] bool has_effect(const ModelConfig& config, std::string_view setting);

}  // namespace stationhit::architecture
