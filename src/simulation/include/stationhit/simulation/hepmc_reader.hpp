// Reads truth muons from a file of an event generator.
#pragma once

#include <cstdint>
#include <memory>

#include <stationhit/simulation/generator.hpp>
#include <stationhit/simulation/simulation_config.hpp>

namespace stationhit::simulation {

// Reads HepMC3 ASCII (version 3) and HepMC2 ASCII, plain or gzip. From each event it takes the
// final-state muons (status 1, PDG id +-13) in the order of the file, converted to GeV. Production
// vertices are not used: as everywhere in the toy simulation, muons start at the origin.
// mcChannelNumber is the attribute signal_process_id (0 if there is none), the weight is the first
// of the event (1 if there is none). Reading is sequential; not thread-safe.
class HepmcReader {
 public:
  // Opens config.hepmc_file and scans it. Throws DataError if it cannot be read, is not
  // HepMC, has fewer than first_event + events events, or no final-state muon in any event;
  // ConfigError if the program was built without HepMC3.
  explicit HepmcReader(const SimulationConfig& config);
  ~HepmcReader();
  HepmcReader(const HepmcReader&) = delete;
  HepmcReader& operator=(const HepmcReader&) = delete;

  // Event n of the file, counted from 0. Each call must ask for a later event than the one before.
  // Throws DataError naming file and event if it cannot be parsed (truncated, damaged) or has a
  // number that is not finite.
  [[nodiscard]] HardEvent read(std::uint64_t n);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stationhit::simulation
