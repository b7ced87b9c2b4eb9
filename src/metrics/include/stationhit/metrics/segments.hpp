// Segments and station layers of muons: whether what the filter keeps of a muon can still be
// reconstructed. A station is a group of chambers (core::chamber_group): one station layer, sector
// and side.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <stationhit/metrics/scored_sample.hpp>

namespace stationhit::metrics {

inline constexpr std::size_t min_hits_of_segment = 3;
inline constexpr std::size_t min_layers_of_track = 2;

// The signal hits of one muon in one station, at least min_hits_of_segment.
struct Segment {
  std::uint64_t muon = 0;  // index in the sample's muon columns
  std::uint32_t n_hits = 0;
  float whole_score = 0;   // of its worst hit: all hits are kept at threshold t if this is > t
  float usable_score = 0;  // that of the last hit that makes usable_hits(n_hits)
};

// How many of the n >= min_hits_of_segment hits must be kept so that a segment stays usable: at
// least min_hits_of_segment and at least 80 %.
[[nodiscard]] std::size_t usable_hits(std::size_t n);

// By muon, then by station; empty for a sample without places.
[[nodiscard]] std::vector<Segment> find_segments(const ScoredSample& sample);

// A muon with min_hits_of_segment hits in at least min_layers_of_track station layers.
struct TwoLayerMuon {
  std::uint64_t muon = 0;
  float score = 0;  // stays one at threshold t if this is > t
};

// By muon; empty for a sample without places.
[[nodiscard]] std::vector<TwoLayerMuon> find_two_layer_muons(const ScoredSample& sample);

}  // namespace stationhit::metrics
