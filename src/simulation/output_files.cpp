// With events_per_file the sample is cut into files that are named by process, pile-up and range,
// like those of the experiment: the part before _PU is the process to which prepare assigns a file.
#include <algorithm>

#include <stationhit/core/text.hpp>
#include <stationhit/simulation/output_files.hpp>

namespace stationhit::simulation {

namespace {

std::string sample_name(const SimulationConfig& config) {
  if (config.source != MuonSource::hepmc) return std::string(core::name(config.process));
  const std::string file = std::filesystem::path(config.hepmc_file).filename().string();
  return file.substr(0, file.find('.'));
}

}  // namespace

std::vector<OutputFile> output_files(const SimulationConfig& config) {
  if (config.events_per_file == 0) return {{config.output, config.first_event, config.events}};
  std::vector<OutputFile> files;
  for (std::uint64_t done = 0; done < config.events; done += files.back().count) {
    const std::uint64_t first = config.first_event + done,
                        count = std::min(config.events_per_file, config.events - done);
    const std::string name = sample_name(config) + "_PU" + core::to_text(config.mu) + "_skip" +
                             std::to_string(first) + "_n" + std::to_string(count) + ".root";
    files.push_back({std::filesystem::path(config.output) / name, first, count});
  }
  return files;
}

}  // namespace stationhit::simulation
