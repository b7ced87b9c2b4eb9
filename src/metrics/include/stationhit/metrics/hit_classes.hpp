// What thresholds keep of the hits by class: technology, station layer.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <stationhit/metrics/bootstrap.hpp>
#include <stationhit/metrics/kept.hpp>
#include <stationhit/metrics/scored_sample.hpp>

namespace stationhit::metrics {

struct HitClasses {
  std::vector<std::uint8_t> codes;   // of the classes
  std::vector<std::uint8_t> of_hit;  // [n_hits] index into codes
};

// The technologies of Run 4 in reporting order, then others that have hits, ascending.
[[nodiscard]] HitClasses classify_by_technology(const ScoredSample& sample);

// Codes of core::StationLayer; the unknown one only if it has hits. No classes for a sample without
// places.
[[nodiscard]] HitClasses classify_by_station_layer(const ScoredSample& sample);

// [n_classes][n_thresholds] (nothing without classes), only the members hits and n_events.
[[nodiscard]] std::vector<std::vector<KeptAtThreshold>> count_kept_by_class(
    const ScoredSample& sample, const HitClasses& classes, std::span<const float> thresholds);

// One entry per class, only the members hits and n_events. The thresholds of a replica are those of
// all its signal hits, as in count_replicas.
[[nodiscard]] std::vector<ReplicaCounts> count_replicas_by_class(
    const ScoredSample& sample, const HitClasses& classes, const Replicas& replicas,
    std::span<const ThresholdRule> rules);

}  // namespace stationhit::metrics
