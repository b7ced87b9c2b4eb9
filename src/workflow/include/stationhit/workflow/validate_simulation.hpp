// `stationhit simulate --validate`.
#pragma once

#include <filesystem>

#include <stationhit/simulation/simulation_config.hpp>

#include "frame/program.hpp"

namespace stationhit::app {

struct ValidationOptions {
  std::filesystem::path folder;  // empty: no validation
  double sigmas = 0;             // statistical errors by which the accepted ranges are widened
};

// Makes the events of the configuration without writing them, prints the table of checks, writes
// validation.csv and the figures into the folder. Throws ConfigError unless mu = 200, source =
// generator and process = mix, DataError naming the quantities that are outside their ranges.
void validate_simulation(const simulation::SimulationConfig& config,
                         const ValidationOptions& options, const Program& program);

}  // namespace stationhit::app
