// Toy events as ROOT files. Only in builds with ROOT.
#pragma once

#include <optional>

#include <stationhit/core/observer.hpp>
#include <stationhit/data/pieces.hpp>
#include <stationhit/simulation/sample_statistics.hpp>
#include <stationhit/simulation/simulation_config.hpp>
#include <stationhit/workflow/existing_results.hpp>

namespace stationhit::workflow {

struct SimulatedSample {
  simulation::SampleStatistics statistics;  // of the events that this call made
  double seconds = 0;                       // that making and writing them took
  bool stopped = false;  // by the observer: the unfinished file was removed, the same call goes on
                         // behind the finished ones
};

// Writes the files of simulation::output_files. Finished files of an earlier call stay as they are;
// a folder of files keeps its configuration in simulate.yaml, and takes no files of another one,
// because a mixture could never be made again. A single file (events_per_file = 0) that exists is
// kept or replaced as `existing` says. With a piece only its part of the files of a folder is made;
// calls with other pieces may run at the same time. Throws ConfigError for such a folder (naming
// the settings that differ), DataError for a path that cannot be written, a file that is to be kept
// and a folder in which another program writes, UsageError for a piece of a single file, and as
// simulation::make_hard_events.
[[nodiscard]] SimulatedSample simulate_sample(const simulation::SimulationConfig& config,
                                              const core::Observer& observer,
                                              ExistingResults existing = ExistingResults::keep,
                                              const std::optional<data::Piece>& piece = {});

// Makes the same events and writes nothing. Throws as simulation::make_hard_events.
[[nodiscard]] SimulatedSample try_simulation(const simulation::SimulationConfig& config,
                                             const core::Observer& observer);

}  // namespace stationhit::workflow
