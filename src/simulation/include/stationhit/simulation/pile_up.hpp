// Charged particles of pile-up that reach the spectrometer. They look like muons, completely or in
// part, and are not in the truth table.
#pragma once

#include <stationhit/simulation/track_hits.hpp>

namespace stationhit::simulation {

struct PileUpConfig {
  double max_abs_eta = 2.7;  // flat up to here
  // Muons of heavy quarks, pions and kaons, through all stations that their momentum reaches.
  double muons = 0.20;                               // per event at mu = 200
  double muon_min_pt = 2.0, muon_mean_excess = 0.8;  // GeV, pT = minimum + exponential
  // Hadrons that punch through and muons of decays in flight. The number is that of secondaries
  // without complete ones, which replace as many others as give the same number of stations.
  double secondaries = 1.4;  // per event at mu = 200
  double secondary_min_momentum = 0.5,
         secondary_excess = 1.5;       // GeV behind the calorimeter, minimum + exponential
  double secondary_scattering = 0.10;  // rad GeV: spread of the direction times the momentum
  double first_station_share = 0.5,
         second_station_share = 0.3;       // where it starts to be seen; else in the last one
  double two_stations_probability = 0.30;  // seen in the next station too
  double complete_share = 0.4;             // seen in all stations that they reach
  double kink_probability = 0.5;  // of complete ones: decay on the way through the spectrometer
  double kink_momentum = 0.09;    // GeV, sigma of the momentum across the path, in each projection
  double least_kept_momentum = 0.6;  // of the momentum before the decay; flat up to 1
};

class PileUp {
 public:
  PileUp(const Propagation& propagation, const TrackHits& track_hits, const PileUpConfig& config)
      : propagation_(&propagation), track_hits_(&track_hits), config_(config) {}
  // Adds the particles of one event; activity 1 = that of mu = 200.
  void operator()(double activity, Random& random, EventRecord& record) const;

 private:
  void add_muon(Random& random, EventRecord& record) const;
  void add_secondary(Random& random, EventRecord& record) const;
  void add_complete(const ParticleState& start, const Track& track, Random& random,
                    EventRecord& record) const;
  [[nodiscard]] double mean_secondaries() const;
  [[nodiscard]] StationWindow choose_window(Random& random) const;

  const Propagation* propagation_;
  const TrackHits* track_hits_;
  PileUpConfig config_;
};

}  // namespace stationhit::simulation
