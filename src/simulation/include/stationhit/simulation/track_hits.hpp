// The hits of a particle along its path through all stations.
#pragma once

#include <stationhit/simulation/digitization.hpp>

namespace stationhit::simulation {

struct ShowerConfig {
  double probability = 0.006;  // that a muon radiates in front of a station
  double growth = 0.01;        // relative increase of it per GeV
  double mean_electrons = 10;  // Poisson
  double radius = 70;          // mm, sigma around the muon
  double electron_range = 25;  // mm, mean path
};

// The station along a path from the inside: BI and EI are 1, BM, EE and EM are 2, BO and EO are 3.
[[nodiscard]] int station_number(core::StationLayer layer);

// First and last station that see a path.
struct StationWindow {
  int first = 1, last = 3;
};

// Whether the line points from the interaction region within 0.1 rad in both projections, like a
// muon of 5 GeV or more.
[[nodiscard]] bool points_to_interaction(const Frame& frame, const Line& line);

// Treats muons of the event and particles of pile-up alike; their hits differ only in the particle
// number.
class TrackHits {
 public:
  TrackHits(const Detector& detector, const Digitizer& digitizer, const ShowerConfig& config)
      : detector_(&detector), digitizer_(&digitizer), config_(config) {}

  // `track` has everything but the line. momentum in GeV: showers of muons.
  void operator()(const Trajectory& path, Track track, double momentum, StationWindow window,
                  Random& random, EventRecord& record) const;

 private:
  void add_shower(std::size_t frame, const Line& line, Random& random, EventRecord& record) const;

  const Detector* detector_;
  const Digitizer* digitizer_;
  ShowerConfig config_;
};

}  // namespace stationhit::simulation
