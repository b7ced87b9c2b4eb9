// Muons of a scored sample and how many of their hits survive.
#pragma once

#include <cstdint>
#include <vector>

#include <stationhit/metrics/scored_sample.hpp>

namespace stationhit::metrics {

// Score of the min_hits_of_kept_muon-th best hit of every muon, -infinity for a muon with fewer
// hits: the muon is kept at threshold t if this is > t. [n_muons]
[[nodiscard]] std::vector<float> muon_scores(const ScoredSample& sample);

// Signal hits of every muon. [n_muons]
[[nodiscard]] std::vector<std::uint32_t> hits_per_muon(const ScoredSample& sample);

// Index of the muon in the sample's muon columns of every hit, -1 for background. [n_hits]
[[nodiscard]] std::vector<std::int64_t> muon_of_hit(const ScoredSample& sample);

// Distance of every muon to the nearest other muon of its event, Delta R = sqrt(Delta eta^2 + Delta
// phi^2) of the true directions; NaN where there is no other. [n_muons]
[[nodiscard]] std::vector<float> distances_to_nearest_muon(const ScoredSample& sample);

}  // namespace stationhit::metrics
