// Paths of a configuration.
#pragma once

#include <string>

#include <stationhit/config/run_config.hpp>
#include <stationhit/data/prepare_config.hpp>
#include <stationhit/simulation/simulation_config.hpp>

#include "error_list.hpp"

namespace stationhit::config {

// Replaces the `~` of `~/...` at the beginning of every path by the home directory, as a shell does
// for its arguments. What else a shell would replace (`~name`, `${NAME}`) becomes an error naming
// `where` and the key, because it would make a folder of that name.
void expand_paths(simulation::SimulationConfig& config, const std::string& where,
                  ErrorList& errors);
void expand_paths(data::PrepareConfig& config, const std::string& where, ErrorList& errors);
void expand_paths(RunConfig& config, const std::string& where, ErrorList& errors);

}  // namespace stationhit::config
