// Effects of the readout electronics: cross-talk, dead channels, inefficient regions.
#pragma once

#include <cstdint>

#include <stationhit/simulation/digitization.hpp>

namespace stationhit::simulation {

struct ElectronicsConfig {
  std::uint64_t detector_seed =
      2029;  // of the map of dead channels and inefficient regions: the same for all events
  double dead_channels = 0.003;  // share of single channels
  double dead_regions = 0.002;   // share of regions without any signal
  double weak_regions = 0.02;    // share of regions with the efficiency below
  double weak_efficiency = 0.7;
  int region_channels = 24;  // one front-end card: this many neighboring channels of a layer
  // All channels of this layer are dead in this sector, on both sides; unknown = of no layer.
  core::StationLayer missing_layer = core::StationLayer::unknown;
  int missing_sector = 0;
  double cross_talk_probability = 0.006;  // that a signal makes a neighboring channel fire
  double cross_talk_delay = 6;            // ns, mean: it is later than the signal
  double time_offset = 0;                 // ns by which the times of all signals are later
};

class Electronics {
 public:
  Electronics(const Detector& detector, const Digitizer& digitizer, const ElectronicsConfig& config)
      : detector_(&detector), digitizer_(&digitizer), config_(config) {}
  // Adds the cross-talk of the signals, removes the cells of dead channels and, by chance, of weak
  // regions, and adds the time offset.
  void operator()(Random& random, EventRecord& record) const;
  // The fraction of signals that a channel passes on: 0 if dead, 1 if fully working. A pure
  // function of the channel and the detector seed.
  [[nodiscard]] double efficiency(const Cell& cell) const;

 private:
  [[nodiscard]] bool is_missing(const Cell& cell) const;
  void add_cross_talk(Random& random, EventRecord& record) const;

  const Detector* detector_;
  const Digitizer* digitizer_;
  ElectronicsConfig config_;
};

}  // namespace stationhit::simulation
