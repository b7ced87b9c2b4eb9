// Hand-made events whose hits have places, for tests of segments, station layers and hit pairs.
#pragma once

#include <cstdint>
#include <vector>

#include <stationhit/metrics/scored_sample.hpp>

namespace stationhit::metrics {

// Codes of stations: BIL, BML, BOL, and BMS of the sectors between those of BML.
inline constexpr std::uint8_t bil = 0, bml = 2, bms = 3, bol = 4;

struct PlacedHit {
  int muon;  // -1 background
  float score;
  std::uint8_t station_index = bml;
  std::uint8_t layer = 1;
  std::uint8_t station_phi = 1;
  std::int8_t station_eta = 1;
};

// An MDT event with the given hits in the given buckets.
inline core::EventTruth placed_event(std::size_t n_muons, const std::vector<PlacedHit>& hits,
                                     const std::vector<std::vector<std::uint32_t>>& buckets = {}) {
  core::EventTruth truth;
  for (const PlacedHit& hit : hits) {
    truth.truth_link.push_back(static_cast<std::int8_t>(hit.muon));
    truth.technology.push_back(0);
    truth.station_index.push_back(hit.station_index);
    truth.station_eta.push_back(hit.station_eta);
    truth.station_phi.push_back(hit.station_phi);
    truth.layer.push_back(hit.layer);
  }
  truth.bucket_offsets = {0};
  for (const auto& bucket : buckets) {
    truth.bucket_hits.insert(truth.bucket_hits.end(), bucket.begin(), bucket.end());
    truth.bucket_offsets.push_back(static_cast<std::uint32_t>(truth.bucket_hits.size()));
  }
  truth.muon_pt.assign(n_muons, 20);
  truth.muon_eta.assign(n_muons, 0);
  truth.muon_phi.assign(n_muons, 0);
  truth.muon_q.assign(n_muons, 1);
  return truth;
}

inline void append_placed(ScoredSample& sample, std::size_t n_muons,
                          const std::vector<PlacedHit>& hits,
                          const std::vector<std::vector<std::uint32_t>>& buckets = {}) {
  std::vector<float> scores;
  for (const PlacedHit& hit : hits) scores.push_back(hit.score);
  append(sample, placed_event(n_muons, hits, buckets), scores);
}

}  // namespace stationhit::metrics
