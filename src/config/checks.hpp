// Settings that contradict each other: what single values cannot show.
#pragma once

#include <string>

#include <stationhit/config/run_config.hpp>
#include <stationhit/data/prepare_config.hpp>
#include <stationhit/simulation/simulation_config.hpp>

#include "error_list.hpp"

namespace stationhit::config {

// Each adds errors naming `where` (the file), the keys, their values and what to change; some
// bring a value to its normal form.
void finish(simulation::SimulationConfig& config, const std::string& where, ErrorList& errors);
void finish(data::PrepareConfig& config, const std::string& where, ErrorList& errors);
void finish(RunConfig& config, const std::string& where, ErrorList& errors);

}  // namespace stationhit::config
