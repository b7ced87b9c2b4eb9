// Scores of all hits of a sample beside their truth: the input of every evaluation.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <stationhit/core/event_truth.hpp>

namespace stationhit::metrics {

// Hits of all events one after the other; event e has hits [event_offsets[e], event_offsets[e + 1])
// and muons [muon_offsets[e], muon_offsets[e + 1]).
struct ScoredSample {
  std::vector<std::uint64_t> event_number;         // [n_events]
  std::vector<std::uint32_t> mc_channel_number;    // [n_events] the process, 0 unknown
  std::vector<std::uint64_t> event_offsets{0};     // [n_events + 1]
  std::vector<std::uint64_t> muon_offsets{0};      // [n_events + 1]
  std::vector<float> score;                        // [n_hits] raw logit
  std::vector<std::int8_t> truth_link;             // [n_hits] muon of the event, -1 background
  std::vector<std::uint8_t> technology;            // [n_hits]
  std::vector<float> muon_pt, muon_eta, muon_phi;  // [n_muons] GeV, -, rad
  std::vector<std::int32_t> muon_q;                // [n_muons] elementary charges, 0 unknown

  // The places of the hits, as in core::EventTruth; empty where an event came without them. Event
  // e has the buckets [event_buckets[e], event_buckets[e + 1]), and bucket b the entries
  // [bucket_offsets[b], bucket_offsets[b + 1]) of bucket_hits, numbered from the first hit of the
  // event.
  std::vector<std::uint8_t> station_index;  // [n_hits]
  std::vector<std::int8_t> station_eta;
  std::vector<std::uint8_t> station_phi, layer;
  std::vector<std::uint64_t> event_buckets{0};   // [n_events + 1]
  std::vector<std::uint64_t> bucket_offsets{0};  // [n_buckets + 1]
  std::vector<std::uint32_t> bucket_hits;

  [[nodiscard]] std::size_t n_events() const { return event_offsets.size() - 1; }
  [[nodiscard]] std::size_t n_hits() const { return score.size(); }
  [[nodiscard]] std::size_t n_muons() const { return muon_pt.size(); }
  // Whether all events have places: measures of stations, segments and hit pairs need them.
  [[nodiscard]] bool has_places() const { return event_buckets.size() == event_offsets.size(); }
};

// Appends an event with the scores of its hits. Asserts that there is one score per hit.
void append(ScoredSample& sample, const core::EventTruth& event, std::span<const float> hit_scores);

// Appends an event whose entries are its nodes instead of its hits: a hit counts as often as it is
// in `hit_of_node` [n_nodes], and there are no places. Measures of hits are then measures of nodes.
void append_nodes(ScoredSample& sample, const core::EventTruth& event,
                  std::span<const std::uint32_t> hit_of_node, std::span<const float> node_scores);

// 1 where the truth link is a muon. [n_hits]
[[nodiscard]] std::vector<std::uint8_t> hit_labels(const ScoredSample& sample);

}  // namespace stationhit::metrics
