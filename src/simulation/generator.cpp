// Parametrized processes instead of matrix elements: spectra of pT and rapidity are simple
// functions with the right mean and range, because hits depend on the muons alone. Only the decays
// into two muons are exact, so pairs have the right mass and opening angle.
#include <algorithm>
#include <cmath>
#include <numbers>

#include <stationhit/simulation/generator.hpp>

namespace stationhit::simulation {
namespace {

constexpr double pi = std::numbers::pi;
constexpr double muon_mass = 0.10566, jpsi_mass = 3.0969, z_mass = 91.19, z_width = 2.495;

struct ParentParticle {
  double mass = 0, pt = 0, rapidity = 0, phi = 0;
};

double draw_azimuth(Random& random) { return random.uniform(-pi, pi); }

// Isotropic decay into two muons in the rest frame, which is boosted along the transverse momentum
// and then along the beam.
std::vector<TruthMuon> decay(const ParentParticle& parent, Random& random) {
  const double energy = parent.mass / 2;
  const double momentum = std::sqrt(energy * energy - muon_mass * muon_mass);
  const double cos_theta = random.uniform(-1, 1), sin_theta = std::sqrt(1 - cos_theta * cos_theta),
               phi = draw_azimuth(random);
  const double transverse_mass = std::hypot(parent.mass, parent.pt);
  const int charge = random.chance(0.5) ? 1 : -1;
  std::vector<TruthMuon> muons;
  for (const int sign : {1, -1}) {
    const double along = sign * momentum * sin_theta * std::cos(phi),
                 across = sign * momentum * sin_theta * std::sin(phi),
                 z = sign * momentum * cos_theta;
    const double boosted_along = (transverse_mass * along + parent.pt * energy) / parent.mass;
    const double boosted_energy = (transverse_mass * energy + parent.pt * along) / parent.mass;
    const double boosted_z =
        std::cosh(parent.rapidity) * z + std::sinh(parent.rapidity) * boosted_energy;
    const double c = std::cos(parent.phi), s = std::sin(parent.phi);
    muons.push_back(muon_from_momentum(c * boosted_along - s * across,
                                       s * boosted_along + c * across, boosted_z, sign * charge));
  }
  return muons;
}

}  // namespace

TruthMuon muon_from_momentum(double px, double py, double pz, int charge) {
  const double pt = std::max(std::hypot(px, py), 1e-6);
  return {pt, std::asinh(pz / pt), std::atan2(py, px), charge};
}

void keep_recorded(std::vector<TruthMuon>& muons, const GeneratorConfig& config) {
  std::erase_if(muons, [&](const TruthMuon& muon) {
    return muon.pt < config.min_pt || std::abs(muon.eta) > config.max_abs_eta;
  });
}

std::uint32_t channel_number(Process process) {
  return 999001U + static_cast<std::uint32_t>(process);
}

std::vector<TruthMuon> Generator::operator()(Process process, Random& random) const {
  std::vector<TruthMuon> muons = process == Process::jpsi    ? jpsi(random)
                                 : process == Process::zmumu ? zmumu(random)
                                                             : ttbar(random);
  keep_recorded(muons, config_);
  return muons;
}

std::vector<TruthMuon> Generator::jpsi(Random& random) const {
  // The process asks for a leading muon above this pT, so decays without one are drawn again.
  for (;;) {
    const ParentParticle parent{
        jpsi_mass, config_.jpsi_min_pt + random.exponential(config_.jpsi_mean_pt),
        random.uniform(-config_.jpsi_max_rapidity, config_.jpsi_max_rapidity),
        draw_azimuth(random)};
    std::vector<TruthMuon> muons = decay(parent, random);
    if (std::max(muons[0].pt, muons[1].pt) > config_.jpsi_leading_pt) return muons;
  }
}

std::vector<TruthMuon> Generator::zmumu(Random& random) const {
  // Draws from a Breit-Wigner line shape by inversion, truncated to 60 .. 120 GeV.
  const auto angle = [](double mass) { return std::atan(2 * (mass - z_mass) / z_width); };
  const double mass = z_mass + z_width / 2 * std::tan(random.uniform(angle(60), angle(120)));
  return decay({mass, random.exponential(config_.z_mean_pt),
                config_.z_rapidity_sigma * random.normal(), draw_azimuth(random)},
               random);
}

std::vector<TruthMuon> Generator::ttbar(Random& random) const {
  std::vector<TruthMuon> muons;
  const auto add = [&](double pt, int charge) {
    muons.push_back({pt, config_.top_eta_sigma * random.normal(), draw_azimuth(random), charge});
  };
  for (const int charge : {1, -1})
    if (random.chance(config_.top_muon_probability))
      add(config_.top_min_pt + random.exponential(config_.top_mean_pt), charge);
  for (std::uint32_t n = random.poisson(config_.top_soft_mean); n > 0; --n)
    add(config_.soft_min_pt + random.exponential(config_.soft_mean_pt),
        random.chance(0.5) ? 1 : -1);
  return muons;
}

}  // namespace stationhit::simulation
