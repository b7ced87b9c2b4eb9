// One description per config struct. The fields refer to the given object, which must outlive them.
#pragma once

#include <stationhit/config/run_config.hpp>
#include <stationhit/data/prepare_config.hpp>
#include <stationhit/features/normalization.hpp>
#include <stationhit/simulation/simulation_config.hpp>

#include "field.hpp"

namespace stationhit::config {

[[nodiscard]] Field describe(simulation::SimulationConfig& config);
[[nodiscard]] Field describe(data::PrepareConfig& config);
[[nodiscard]] Field describe(RunConfig& config);
[[nodiscard]] Field describe(features::FeatureStatistics& statistics);

}  // namespace stationhit::config
