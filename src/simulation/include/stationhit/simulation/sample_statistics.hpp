// The statistics of a sample that are also published for the real one.
#pragma once

#include <array>
#include <cstdint>

#include <stationhit/core/event.hpp>
#include <stationhit/simulation/distribution.hpp>

namespace stationhit::simulation {

// Published numbers are for the sample after cuts on the truth muons, without the events in which
// no muon survives. The cuts are those of the data module; the caller of add() applies them.
struct SampleStatistics {
  std::uint64_t events = 0;                              // all, before the cuts
  std::uint64_t muons_before = 0, muons_failing_pt = 0;  // of all events, before the cuts
  Distribution hits, true_hits, muons, hits_per_muon;    // of the events that are kept
  std::array<Distribution, 5> technology_hits,
      technology_true_hits;  // in the order of core::technologies

  // Every event, before the cuts.
  void add_before(std::uint64_t n_muons, std::uint64_t n_failing_pt);
  // An event that is kept, after the cuts.
  void add(const core::Event& selected);
  [[nodiscard]] std::uint64_t kept_events() const { return hits.count(); }
};

}  // namespace stationhit::simulation
