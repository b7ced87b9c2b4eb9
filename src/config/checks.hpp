// Settings that contradict each other: what single values cannot show.
#pragma once

#include <stationhit/config/run_config.hpp>
#include <stationhit/data/prepare_config.hpp>
#include <stationhit/simulation/simulation_config.hpp>

#include "error_list.hpp"
#include "key_places.hpp"

namespace stationhit::config {

// Each adds errors naming the file, the keys, their values and what to change; some bring a value
// to its normal form.
void finish(simulation::SimulationConfig& config, const KeyPlaces& places, ErrorList& errors);
void finish(data::PrepareConfig& config, const KeyPlaces& places, ErrorList& errors);
void finish(RunConfig& config, const KeyPlaces& places, ErrorList& errors);

}  // namespace stationhit::config
