// The data of an event that an evaluation needs in addition to the scores of its hits.
#pragma once

#include <cstdint>
#include <vector>

#include <stationhit/core/event.hpp>

namespace stationhit::core {

// Materialized sets of format 1 have no places: the columns from station_index to bucket_hits are
// empty then, and so is muon_q. Those of formats 1 and 2 do not say the process.
struct EventTruth {
  std::uint64_t event_number = 0;
  std::uint32_t mc_channel_number = 0;             // the process, 0 unknown
  std::vector<std::int8_t> truth_link;             // [n_hits] muon of the event, -1 background
  std::vector<std::uint8_t> technology;            // [n_hits] code of core/technology.hpp
  std::vector<float> muon_pt, muon_eta, muon_phi;  // [n_muons] GeV, -, rad

  std::vector<std::int32_t> muon_q;         // [n_muons] elementary charges, 0 unknown
  std::vector<std::uint8_t> station_index;  // [n_hits] the chamber and the layer, as in HitTable
  std::vector<std::int8_t> station_eta;
  std::vector<std::uint8_t> station_phi, layer;
  // Hits that measure the precision coordinate, by bucket: those of bucket b are bucket_hits[
  // bucket_offsets[b]] .. bucket_hits[bucket_offsets[b + 1] - 1], each once.
  std::vector<std::uint32_t> bucket_offsets;  // [n_buckets + 1], without places empty
  std::vector<std::uint32_t> bucket_hits;

  [[nodiscard]] std::size_t n_hits() const { return truth_link.size(); }
  [[nodiscard]] bool has_places() const { return !bucket_offsets.empty(); }
  bool operator==(const EventTruth&) const = default;
};

// The buckets are those of the event, or of core::build_buckets where it has none: they are the
// same for every network, whatever its graph.
[[nodiscard]] EventTruth truth_of(const Event& event);

}  // namespace stationhit::core
