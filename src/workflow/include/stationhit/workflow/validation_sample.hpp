// Simulated events after the cuts: statistics, truth muons, and one event to look at.
#pragma once

#include <optional>
#include <string>

#include <stationhit/simulation/sample_statistics.hpp>
#include <stationhit/simulation/segment_statistics.hpp>
#include <stationhit/simulation/structure_statistics.hpp>

namespace stationhit::workflow {

// The cuts of a preparation (its defaults) on truth muons, applied to what statistics need: muons
// and links, with the technologies of the hits. The other columns of the result are empty. Nothing
// if no muon is left; the statistics count the muons before the cuts in any case.
std::optional<core::Event> select_for_statistics(const core::Event& event,
                                                 simulation::SampleStatistics& statistics);

// What made a background hit: truth muons are then those that the cuts removed.
[[nodiscard]] std::string background_name(simulation::Origin origin);

class ValidationSample {
 public:
  void add(const simulation::SimulatedEvent& event);

  [[nodiscard]] const simulation::SampleStatistics& statistics() const { return statistics_; }
  [[nodiscard]] const simulation::StructureStatistics& structure() const { return structure_; }
  [[nodiscard]] const simulation::SegmentStatistics& segments() const { return segments_; }
  // Muons after the cuts.
  [[nodiscard]] const core::MuonTable& muons() const { return muons_; }
  // The first event with one muon in the barrel (|eta| < 0.9) and one in the end-cap (|eta| > 1.3)
  // after the cuts, with its links after them.
  [[nodiscard]] const std::optional<core::Event>& display_event() const { return display_event_; }

 private:
  simulation::SampleStatistics statistics_;
  simulation::StructureStatistics structure_;
  simulation::SegmentStatistics segments_;
  core::MuonTable muons_;
  std::optional<core::Event> display_event_;
};

}  // namespace stationhit::workflow
