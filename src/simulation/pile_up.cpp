// Muons and secondaries differ in where they start and in how many stations see them; both then use
// the same propagation and the same hits as muons of the hard process. Their number is Poisson and
// scales with the activity of the event.
#include <algorithm>
#include <cmath>
#include <numbers>

#include <stationhit/simulation/pile_up.hpp>

namespace stationhit::simulation {

void PileUp::operator()(double activity, Random& random, EventRecord& record) const {
  for (std::uint32_t n = random.poisson(config_.muons * activity); n > 0; --n)
    add_muon(random, record);
  for (std::uint32_t n = random.poisson(config_.secondaries * activity); n > 0; --n)
    add_secondary(random, record);
}

void PileUp::add_muon(Random& random, EventRecord& record) const {
  TruthMuon muon;
  muon.pt = config_.muon_min_pt + random.exponential(config_.muon_mean_excess);
  muon.eta = random.uniform(-config_.max_abs_eta, config_.max_abs_eta);
  muon.phi = random.uniform(-std::numbers::pi, std::numbers::pi);
  muon.charge = random.chance(0.5) ? 1 : -1;
  Track track;
  track.is_muon = true;
  track.particle = record.add({Origin::pile_up_muon, true});
  (*track_hits_)(propagation_->operator()(muon, random), track, muon.pt * std::cosh(muon.eta), {},
                 random, record);
}

void PileUp::add_secondary(Random& random, EventRecord& record) const {
  const double eta = random.uniform(-config_.max_abs_eta, config_.max_abs_eta);
  // Secondaries begin at the end of the calorimeter, in any direction close to that from the
  // interaction point.
  ParticleState state =
      propagation_->calorimeter_exit(eta, random.uniform(-std::numbers::pi, std::numbers::pi));
  state.momentum = config_.secondary_min_momentum + random.exponential(config_.secondary_excess);
  state.charge = random.chance(0.5) ? 1 : -1;
  state.theta += config_.secondary_scattering / state.momentum * random.normal();
  state.phi +=
      config_.secondary_scattering / state.momentum / std::sin(state.theta) * random.normal();
  Track track;
  track.is_muon = true;
  track.particle = record.add({Origin::secondary, true});
  (*track_hits_)(propagation_->through_toroids(state), track, state.momentum, choose_window(random),
                 random, record);
}

StationWindow PileUp::choose_window(Random& random) const {
  const double u = random.uniform();
  const int first = u < config_.first_station_share                                  ? 1
                    : u < config_.first_station_share + config_.second_station_share ? 2
                                                                                     : 3;
  return {first, std::min(3, first + (random.chance(config_.two_stations_probability) ? 1 : 0))};
}

}  // namespace stationhit::simulation
