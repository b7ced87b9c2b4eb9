// Stands for hepmc_reader.cpp in a build without HepMC3.
#include <stationhit/core/errors.hpp>
#include <stationhit/simulation/hepmc_reader.hpp>

namespace stationhit::simulation {

struct HepmcReader::Impl {};

HepmcReader::HepmcReader(const SimulationConfig& config) {
  throw core::ConfigError(config.hepmc_file +
                          ": this program was built without HepMC3; configure with "
                          "-DSTATIONHIT_WITH_HEPMC=ON, or set source: generator");
}
HepmcReader::~HepmcReader() = default;

HardEvent HepmcReader::read(std::uint64_t) { return {}; }

}  // namespace stationhit::simulation
