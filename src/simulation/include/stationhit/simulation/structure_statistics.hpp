// Uses the truth of the simulation to count background that cannot be distinguished from muons, and
// signal hits that are isolated from the other hits of their muon.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include <stationhit/core/technology.hpp>
#include <stationhit/simulation/simulator.hpp>

namespace stationhit::simulation {

inline constexpr std::size_t n_eta_bins = 27;    // of |eta|, 0.1 wide
inline constexpr std::size_t n_drift_bins = 30;  // of the drift radius, 0.5 mm wide

struct StructureStatistics {
  std::uint64_t
      events = 0,
      buckets = 0,
      nodes = 0;  // of the events that are kept; nodes = hits with their copies in the next bucket
  std::uint64_t groups = 0;  // (station layer, sector, side) with hits
  std::uint64_t true_hits = 0,
                lonely_true_hits =
                    0;  // lonely: fewer than 3 other hits of the same muon in each of its buckets
  std::array<std::uint64_t, n_origins>
      background_hits{};  // by Origin; muon = truth muons that the cuts removed
  std::array<std::uint64_t, n_origins>
      muon_like_hits{};  // of these: of a Particle::muon_like with at least 3 hits in one bucket
  std::array<std::array<std::uint64_t, n_eta_bins>, 5>
      hits_by_eta{};  // by technology in the order of core::technologies
  std::array<std::uint64_t, n_drift_bins> true_drift{}, background_drift{};  // tubes

  // links: of every hit after the cuts, -1 background.
  void add(const SimulatedEvent& event, std::span<const std::int8_t> links);
  [[nodiscard]] double per_event(std::uint64_t count) const {
    return events > 0 ? static_cast<double>(count) / static_cast<double>(events) : 0;
  }
  [[nodiscard]] double lonely_share() const {
    return true_hits > 0 ? static_cast<double>(lonely_true_hits) / static_cast<double>(true_hits)
                         : 0;
  }
};

// Area of the sensitive layers in m^2, all layers added, by technology and |eta| of their middle at
// the azimuth of the sector's axis.
[[nodiscard]] std::array<std::array<double, n_eta_bins>, 5> sensitive_area(
    const Detector& detector);

}  // namespace stationhit::simulation
