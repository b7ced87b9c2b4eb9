#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/simulation/hepmc_reader.hpp>

namespace stationhit::simulation {
namespace {

TEST(HepmcReader, SaysThatTheBuildHasNone) {
  SimulationConfig config;
  config.hepmc_file = "z.hepmc3";
  EXPECT_EQ(test::config_error([&] { const HepmcReader reader(config); }),
            "z.hepmc3: this program was built without HepMC3; configure with "
            "-DSTATIONHIT_WITH_HEPMC=ON, or set source: generator");
}

}  // namespace
}  // namespace stationhit::simulation
