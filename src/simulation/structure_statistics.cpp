// A hit is part of a structure if its particle has at least three hits in one of its buckets. That
// count, made once per event from the truth of the simulation, decides which background is
// muon-like and which signal hits are isolated.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include <stationhit/simulation/structure_statistics.hpp>

namespace stationhit::simulation {
namespace {

constexpr double eta_bin = 0.1, drift_bin = 0.5;
constexpr std::uint32_t track_hits = 3;

std::size_t technology_index(core::Technology technology) {
  return static_cast<std::size_t>(
      std::find(core::technologies.begin(), core::technologies.end(), technology) -
      core::technologies.begin());
}

std::size_t bin_of_eta(double x, double y, double z) {
  const double eta = std::abs(std::asinh(z / std::hypot(x, y)));
  return std::min(static_cast<std::size_t>(eta / eta_bin), n_eta_bins - 1);
}

// For every hit, the largest number of hits of its particle in any one of its buckets, including
// itself.
std::vector<std::uint32_t> most_in_a_bucket(const SimulatedEvent& event) {
  std::vector<std::uint32_t> most(event.hit_particle.size(), 1);
  std::map<std::uint32_t, std::uint32_t> count;
  const core::BucketTable& buckets = event.event.buckets;
  for (std::size_t b = 0; b < buckets.size(); ++b) {
    count.clear();
    for (const std::uint32_t hit : buckets.hits_of(b)) ++count[event.hit_particle[hit]];
    for (const std::uint32_t hit : buckets.hits_of(b))
      most[hit] = std::max(most[hit], count[event.hit_particle[hit]]);
  }
  return most;
}

std::size_t count_groups(const core::BucketTable& buckets) {
  std::size_t groups = 0;  // the running number starts anew in each
  for (const std::uint16_t index : buckets.index) groups += index == 0 ? 1 : 0;
  return groups;
}

}  // namespace

void StructureStatistics::add(const SimulatedEvent& event, std::span<const std::int8_t> links) {
  const core::HitTable& hits = event.event.hits;
  const std::vector<std::uint32_t> most = most_in_a_bucket(event);
  ++events;
  buckets += event.event.buckets.size();
  nodes += event.event.buckets.hits.size();
  groups += count_groups(event.event.buckets);
  for (std::size_t i = 0; i < hits.size(); ++i) {
    const auto technology = static_cast<core::Technology>(hits.technology[i]);
    ++hits_by_eta[technology_index(technology)]
                 [bin_of_eta(hits.glob_x[i], hits.glob_y[i], hits.glob_z[i])];
    const bool is_true = links[i] >= 0;
    if (technology == core::Technology::mdt)
      ++(is_true ? true_drift : background_drift)[std::min(
          static_cast<std::size_t>(hits.drift_r[i] / drift_bin), n_drift_bins - 1)];
    if (is_true) {
      ++true_hits;
      lonely_true_hits += most[i] <= track_hits ? 1 : 0;
      continue;
    }
    const Particle& particle = event.particles[event.hit_particle[i]];
    ++background_hits[static_cast<std::size_t>(particle.origin)];
    if (particle.muon_like && most[i] >= track_hits)
      ++muon_like_hits[static_cast<std::size_t>(particle.origin)];
  }
}

std::array<std::array<double, n_eta_bins>, 5> sensitive_area(const Detector& detector) {
  std::array<std::array<double, n_eta_bins>, 5> area{};
  for (const Chamber& chamber : detector.chambers()) {
    const Frame& frame = detector.frames()[chamber.frame];
    const auto layers = detector.layers(chamber);
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
      for (int channel = 1; channel <= chamber.n_channels; ++channel) {
        const double y = detector.channel_y(chamber, layer, channel);
        const Vector3 middle = frame.to_global({0, y, layers[layer]});
        // Summed by channel, because a chamber can reach over several bins of eta. mm^2 become m^2.
        area[technology_index(chamber.technology)][bin_of_eta(middle.x, middle.y, middle.z)] +=
            1e-6 * chamber.pitch * (chamber.x_high(y) - chamber.x_low(y));
      }
    }
  }
  return area;
}

}  // namespace stationhit::simulation
