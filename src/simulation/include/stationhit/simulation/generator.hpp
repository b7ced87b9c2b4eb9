// Truth muons of the hard processes: kinematics that look like J/psi, Z and top-pair decays, no
// matrix elements.
#pragma once

#include <cstdint>
#include <vector>

#include <stationhit/simulation/random.hpp>

namespace stationhit::simulation {

enum class Process : std::uint8_t { jpsi, zmumu, ttbar };
inline constexpr std::uint32_t n_processes = 3;

// mcChannelNumber of the toy samples.
[[nodiscard]] std::uint32_t channel_number(Process process);

struct TruthMuon {
  double pt = 0;            // GeV
  double eta = 0, phi = 0;  // -, rad in (-pi, pi)
  int charge = 1;
};

[[nodiscard]] TruthMuon muon_from_momentum(double px, double py, double pz, int charge);  // GeV

// The output of an event generator for one event.
struct HardEvent {
  std::vector<TruthMuon> muons;
  std::uint32_t channel_number = 0;  // mcChannelNumber
  float weight = 1;                  // mcEventWeight
};

struct GeneratorConfig {
  double min_pt = 3.5;  // GeV, muons below are not recorded: they do not reach the spectrometer
  double max_abs_eta = 2.72;  // muons beyond are not recorded
  // J/psi: pT = jpsi_min_pt + exponential(jpsi_mean_pt), rapidity flat; the harder muon has at
  // least jpsi_leading_pt
  double jpsi_min_pt = 9.5, jpsi_mean_pt = 6.0, jpsi_max_rapidity = 2.6, jpsi_leading_pt = 6.0;
  // Z: pT exponential, rapidity normal
  double z_mean_pt = 14.0, z_rapidity_sigma = 1.66;
  // top pairs: each W decays to a muon with this probability (directly or through a tau); muon pT =
  // exponential above the minimum
  double top_muon_probability = 0.63, top_min_pt = 5.0, top_mean_pt = 40.0, top_eta_sigma = 1.6;
  // muons of b and c decays
  double top_soft_mean = 0.44, soft_min_pt = 3.5, soft_mean_pt = 3.2;
};

// Removes the muons that are not recorded.
void keep_recorded(std::vector<TruthMuon>& muons, const GeneratorConfig& config);

// Muons of one event. Throws nothing; an event may have none.
class Generator {
 public:
  explicit Generator(const GeneratorConfig& config) : config_(config) {}
  [[nodiscard]] std::vector<TruthMuon> operator()(Process process, Random& random) const;

 private:
  [[nodiscard]] std::vector<TruthMuon> jpsi(Random& random) const;
  [[nodiscard]] std::vector<TruthMuon> zmumu(Random& random) const;
  [[nodiscard]] std::vector<TruthMuon> ttbar(Random& random) const;

  GeneratorConfig config_;
};

}  // namespace stationhit::simulation
