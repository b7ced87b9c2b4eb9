// Uses the truth of the simulation to count segments and how often another station confirms them:
// what a network gains from looking at other stations.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include <stationhit/simulation/simulator.hpp>

namespace stationhit::simulation {

// A segment: hits of one particle in at least this many layers of one bucket. A particle has at
// most one in each of the stations 1 to 3 along its path (station_number()), the one with the most
// layers.
inline constexpr std::size_t segment_layers = 4;

// What made a segment: the origins, then signal muons. Origin::muon stands for those that the cuts
// removed.
inline constexpr std::size_t n_segment_kinds = n_origins + 1;
inline constexpr std::size_t signal_kind = n_origins;

// A segment of another station confirms a segment if it is as close in phi and in theta.
inline constexpr double confirming_phi = 0.12;                        // rad
inline constexpr std::array<double, 2> confirming_theta{0.02, 0.06};  // rad, narrow and wide

struct SegmentCounts {
  std::array<std::uint64_t, 3> particles{};  // with segments in 1, 2 and 3 stations
  std::uint64_t segments = 0;
  std::array<std::uint64_t, 2> confirmed{};            // segments, by confirming_theta
  std::array<std::uint64_t, 2> confirmed_by_others{};  // of these: by another particle

  [[nodiscard]] std::uint64_t all_particles() const {
    return particles[0] + particles[1] + particles[2];
  }
};

struct SegmentStatistics {
  std::uint64_t events = 0;
  std::array<SegmentCounts, n_segment_kinds> kinds{};

  // links: of every hit after the cuts, -1 background.
  void add(const SimulatedEvent& event, std::span<const std::int8_t> links);
};

// A table for the terminal: one row per kind that has segments. `names`: of the kinds.
[[nodiscard]] std::string segment_table(const SegmentStatistics& statistics,
                                        const std::array<std::string, n_segment_kinds>& names);

}  // namespace stationhit::simulation
