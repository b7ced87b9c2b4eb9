// Muons and secondaries differ in where they start and in how many stations see them, and some
// secondaries decay on their way; both use the same propagation and the same hits as muons of the
// hard process. Their number is Poisson and scales with the activity of the event.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include <stationhit/simulation/pile_up.hpp>

namespace stationhit::simulation {
namespace {

// Hits of a complete secondary, in units of those of a secondary that is to be seen in one station.
// Soft ones turn back or leave early, but they also miss no station that they reach.
constexpr double complete_stations = 3.0;

// The path ends at a random point, and another one begins there with a turned direction and less
// momentum. Paths keep their azimuth, so the turn in azimuth is replaced by the shift that it
// causes at the end of the path.
std::pair<Trajectory, Trajectory> decay_in_flight(const Propagation& propagation,
                                                  const PileUpConfig& config,
                                                  const Trajectory& path,
                                                  const ParticleState& start, Random& random) {
  const auto& points = path.points();
  const std::size_t last = random.below(static_cast<std::uint32_t>(points.size()));
  const Trajectory::Point& decay = points[last];
  const double kink = config.kink_momentum / start.momentum;
  const double lever = std::clamp(1 - decay.r / std::max(points.back().r, 1.0), 0.0, 1.0);
  ParticleState muon = start;
  muon.r = decay.r;
  muon.z = decay.z;
  muon.theta = decay.theta + kink * random.normal();
  muon.phi += kink * random.normal() * lever / std::max(std::sin(muon.theta), 0.1);
  muon.momentum *= random.uniform(config.least_kept_momentum, 1);
  return {Trajectory(path.phi(), {points.begin(), points.begin() + last + 1}),
          propagation.through_toroids(muon)};
}

}  // namespace

void PileUp::operator()(double activity, Random& random, EventRecord& record) const {
  for (std::uint32_t n = random.poisson(config_.muons * activity); n > 0; --n)
    add_muon(random, record);
  for (std::uint32_t n = random.poisson(mean_secondaries() * activity); n > 0; --n)
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
  if (random.occurs(config_.complete_share))
    add_complete(state, track, random, record);
  else
    (*track_hits_)(propagation_->through_toroids(state), track, state.momentum,
                   choose_window(random), random, record);
}

// A complete secondary replaces as many others as leave its number of hits.
double PileUp::mean_secondaries() const {
  const double last_share = 1 - config_.first_station_share - config_.second_station_share;
  const double stations = 1 + config_.two_stations_probability * (1 - last_share);
  return config_.secondaries * stations /
         (stations + config_.complete_share * (complete_stations - stations));
}

void PileUp::add_complete(const ParticleState& start, const Track& track, Random& random,
                          EventRecord& record) const {
  const Trajectory path = propagation_->through_toroids(start);
  if (!random.occurs(config_.kink_probability))
    return (*track_hits_)(path, track, start.momentum, {}, random, record);
  const auto [before, after] = decay_in_flight(*propagation_, config_, path, start, random);
  (*track_hits_)(before, track, start.momentum, {}, random, record);
  (*track_hits_)(after, track, start.momentum, {}, random, record);
}

StationWindow PileUp::choose_window(Random& random) const {
  const double u = random.uniform();
  const int first = u < config_.first_station_share                                  ? 1
                    : u < config_.first_station_share + config_.second_station_share ? 2
                                                                                     : 3;
  return {first, std::min(3, first + (random.chance(config_.two_stations_probability) ? 1 : 0))};
}

}  // namespace stationhit::simulation
