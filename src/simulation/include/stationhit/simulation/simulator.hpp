// The toy simulation: an event from its number.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <stationhit/core/event.hpp>
#include <stationhit/core/sample_info.hpp>
#include <stationhit/simulation/detector.hpp>
#include <stationhit/simulation/physics_config.hpp>
#include <stationhit/simulation/simulation_config.hpp>

namespace stationhit::simulation {

// Throws ConfigError naming the key, its value and what is allowed: mu outside 0..250, an unknown
// process or source, a hepmc_file without source = hepmc or the other way round, a range of events
// that does not fit 64 bits.
void check(const SimulationConfig& config);

// The description that files of such events carry.
[[nodiscard]] core::SampleInfo sample_info(const SimulationConfig& config);

// The names of the toy processes by their mcChannelNumber; none for other samples.
[[nodiscard]] std::map<std::uint32_t, std::string> process_names(const core::SampleInfo& sample);

// An event together with what only the simulation knows.
struct SimulatedEvent {
  core::Event event;
  std::vector<Particle> particles;          // the truth muons first
  std::vector<std::uint32_t> hit_particle;  // of every hit, index into particles
};

// Thread-safe: generate() is a pure function of the configuration and the event number. Random
// numbers: simulation/random.hpp, keyed by (seed, event).
class Simulator {
 public:
  // Throws ConfigError as check() does.
  explicit Simulator(const SimulationConfig& config, const PhysicsConfig& physics = {});
  ~Simulator();
  Simulator(Simulator&&) noexcept;
  Simulator& operator=(Simulator&&) noexcept;

  // Header, hits, muons with pT > 3.5 GeV and |eta| < 2.72 (no selection), buckets by the bucket
  // rule. check_consistency accepts it.
  [[nodiscard]] core::Event generate(std::uint64_t event_number) const {
    return simulate(event_number, hard_event(event_number)).event;
  }
  // Makes the event with its simulation truth from muons of any source. Throws DataError if more
  // than 127 muons would be recorded, because truth links have 8 bits.
  [[nodiscard]] SimulatedEvent simulate(std::uint64_t event_number, HardEvent hard) const;
  // The output of the toy generator for this event.
  [[nodiscard]] HardEvent hard_event(std::uint64_t event_number) const;
  [[nodiscard]] const Detector& detector() const;

 private:
  struct Stages;
  std::unique_ptr<const Stages> stages_;
};

}  // namespace stationhit::simulation
