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
  std::vector<std::uint64_t> event_offsets{0};     // [n_events + 1]
  std::vector<std::uint64_t> muon_offsets{0};      // [n_events + 1]
  std::vector<float> score;                        // [n_hits] raw logit
  std::vector<std::int8_t> truth_link;             // [n_hits] muon of the event, -1 background
  std::vector<std::uint8_t> technology;            // [n_hits]
  std::vector<float> muon_pt, muon_eta, muon_phi;  // [n_muons] GeV, -, rad

  [[nodiscard]] std::size_t n_events() const { return event_offsets.size() - 1; }
  [[nodiscard]] std::size_t n_hits() const { return score.size(); }
  [[nodiscard]] std::size_t n_muons() const { return muon_pt.size(); }
};

// Appends an event with the scores of its hits. Asserts that there is one score per hit.
void append(ScoredSample& sample, const core::EventTruth& event, std::span<const float> hit_scores);

// 1 where the truth link is a muon. [n_hits]
[[nodiscard]] std::vector<std::uint8_t> hit_labels(const ScoredSample& sample);

}  // namespace stationhit::metrics
