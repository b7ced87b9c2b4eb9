// Assigns events to output files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include <stationhit/simulation/simulation_config.hpp>

namespace stationhit::simulation {

struct OutputFile {
  std::filesystem::path path;
  std::uint64_t first = 0, count = 0;  // event numbers first .. first + count - 1
  bool operator==(const OutputFile&) const = default;
};

// With events_per_file = 0 there is one file named config.output, even for 0 events. Otherwise the
// files are <output>/<process>_PU<mu>_skip<first>_n<count>.root, and the last one may be shorter.
// With source = hepmc, the name of the HepMC file up to its first dot replaces the process.
[[nodiscard]] std::vector<OutputFile> output_files(const SimulationConfig& config);

}  // namespace stationhit::simulation
