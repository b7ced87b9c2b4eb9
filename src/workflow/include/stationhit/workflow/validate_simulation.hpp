// Comparison of the simulation with the published statistics of the real sample. Only in builds
// with ROOT.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include <stationhit/core/observer.hpp>
#include <stationhit/simulation/simulation_config.hpp>
#include <stationhit/simulation/validation.hpp>
#include <stationhit/workflow/validation_sample.hpp>

namespace stationhit::workflow {

struct ValidationOptions {
  std::filesystem::path folder;  // for validation.csv and the figures
  double sigmas = 0;             // statistical errors by which the accepted ranges are widened
};

struct ValidationResult {
  ValidationSample sample;
  std::vector<simulation::Check> checks;  // simulation::all_passed says whether it is valid
};

// Makes the events of the configuration without writing them, and writes the checks and the figures
// into the folder. Nothing is returned or written if the observer asked to stop. Throws ConfigError
// unless mu = 200, source = generator, process = mix and there is no variation, because the
// published statistics are of these.
[[nodiscard]] std::optional<ValidationResult> validate_simulation(
    const simulation::SimulationConfig& config, const ValidationOptions& options,
    const core::Observer& observer);

}  // namespace stationhit::workflow
