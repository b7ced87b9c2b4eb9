// Settings of the toy simulation (subcommand simulate).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <stationhit/core/settings.hpp>
#include <stationhit/simulation/variation_config.hpp>

namespace stationhit::simulation {

// Where the truth muons come from: the toy generator, or event n is event n of a HepMC file.
enum class MuonSource { generator, hepmc };
constexpr auto names_of(MuonSource) {
  return std::to_array<std::string_view>({"generator", "hepmc"});
}

// The hard process of the toy generator; `mix` gives equal shares of the others.
enum class ProcessChoice { jpsi, zmumu, ttbar, mix };
constexpr auto names_of(ProcessChoice) {
  return std::to_array<std::string_view>({"jpsi", "zmumu", "ttbar", "mix"});
}

struct SimulationConfig {
  std::string output = "toy.root";    // ROOT file to write; with several files the process, pile-up
                                      // and event range are put into the names
  std::uint64_t events = 100;         // number of events
  std::uint64_t events_per_file = 0;  // start a new file after so many events; 0 = one file
  std::uint64_t first_event =
      0;  // number of the first event; event n is the same whatever the range it is made in
  std::uint64_t seed = 42;  // seed of the counter-based random numbers
  double mu = 200.0;  // mean number of pile-up interactions per bunch crossing, 0..250; background
                      // scales with it
  MuonSource source = MuonSource::generator;
  std::string hepmc_file;  // HepMC ascii file, plain or gzip; only with source = hepmc
  ProcessChoice process = ProcessChoice::mix;
  bool correlated_background = true;
  VariationConfig variation;
  unsigned threads = 0;  // 0 = all cores; the result does not depend on it

  static void describe(auto& self, auto&& setting) {
    setting("output", self.output,
            "ROOT file to write; with several files the process, pile-up and event range are put "
            "into the names",
            core::path_text());
    setting("events", self.events, "Number of events", core::at_least(1));
    setting("events_per_file", self.events_per_file,
            "Start a new file after so many events; 0 = one file");
    setting("first_event", self.first_event,
            "Number of the first event; event n is the same whatever range it is made in");
    setting("seed", self.seed, "Seed of the random numbers");
    setting("mu", self.mu,
            "Mean number of pile-up interactions per bunch crossing; background scales with it",
            core::between(0, 250));
    setting("source", self.source,
            "Truth muons: of the toy generator, or event n is event n of hepmc_file");
    setting("hepmc_file", self.hepmc_file,
            "HepMC ascii file (version 3 or 2), plain or gzip; only with source: hepmc",
            core::path_text());
    setting("process", self.process,
            "Hard process of the toy generator; mix = equal shares of all");
    setting("correlated_background", self.correlated_background,
            "Background particles that leave segments in several stations, and showers of cavern "
            "tracks; false = as many hits without them");
    setting("variation", self.variation,
            "Deviations from the default detector and background; the defaults are none");
    core::describe_threads(self.threads, setting);
  }
};

}  // namespace stationhit::simulation
