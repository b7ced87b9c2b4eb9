// The toy simulation: an event from its number.
#pragma once

#include <cstdint>
#include <memory>

#include <stationhit/core/event.hpp>
#include <stationhit/core/sample_info.hpp>
#include <stationhit/simulation/background.hpp>
#include <stationhit/simulation/detector.hpp>
#include <stationhit/simulation/digitization.hpp>
#include <stationhit/simulation/generator.hpp>
#include <stationhit/simulation/propagation.hpp>
#include <stationhit/simulation/simulation_config.hpp>

namespace stationhit::simulation {

// Throws ConfigError naming the key, its value and what is allowed: mu outside 0..250, an unknown process or source, a
// hepmc_file without source = hepmc or the other way round, a range of events that does not fit 64 bits.
void check(const SimulationConfig& config);

// What files of such events say about themselves.
[[nodiscard]] core::SampleInfo sample_info(const SimulationConfig& config);

// What the stages are made of. The defaults are those of docs/simulation.md.
struct PhysicsConfig {
  Geometry geometry = default_geometry();
  GeneratorConfig generator;
  PropagationConfig propagation;
  DigitizationConfig digitization;
  BackgroundConfig background = default_background();
  // Share of muons whose small-wheel hits exist: the published sample has nearly no true sTGC and MM hits.
  double small_wheel_probability = 0.04;
};

// Thread-safe: generate() is a pure function of the configuration and the event number. Random numbers: simulation/random.hpp, keyed by (seed,
// event).
class Simulator {
 public:
  // Throws ConfigError as check() does.
  explicit Simulator(const SimulationConfig& config, PhysicsConfig physics = {});
  ~Simulator();
  Simulator(Simulator&&) noexcept;
  Simulator& operator=(Simulator&&) noexcept;

  // Header, hits, muons with pT > 3.5 GeV and |eta| < 2.72 (no selection), buckets by the bucket rule. check_consistency accepts it.
  [[nodiscard]] core::Event generate(std::uint64_t event_number) const { return generate(event_number, hard_event(event_number)); }
  // The same with the muons of another source. Throws DataError if more than 127 muons would be recorded: truth links have 8 bits.
  [[nodiscard]] core::Event generate(std::uint64_t event_number, HardEvent hard) const;
  // What the toy generator makes of this event.
  [[nodiscard]] HardEvent hard_event(std::uint64_t event_number) const;
  [[nodiscard]] const Detector& detector() const;

 private:
  struct Stages;
  std::unique_ptr<const Stages> stages_;
};

}  // namespace stationhit::simulation
