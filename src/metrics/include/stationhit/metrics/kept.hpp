// What a threshold keeps of a sample: the numbers from which every quantity at a threshold follows.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <stationhit/metrics/counts.hpp>
#include <stationhit/metrics/intervals.hpp>
#include <stationhit/metrics/scored_sample.hpp>

namespace stationhit::metrics {

// Muons or segments that a threshold keeps.
struct KeptShare {
  std::uint64_t kept = 0, total = 0;

  [[nodiscard]] double value() const { return ratio(kept, total); }
  [[nodiscard]] Interval interval() const { return clopper_pearson(kept, total); }
  bool operator==(const KeptShare&) const = default;
};

// Hit pairs (count_hit_pairs) of the events, before the cut and of the hits that it keeps.
struct KeptPairs {
  std::uint64_t n_events = 0;  // 0 without places: there is no mean then
  std::uint64_t before = 0, kept = 0;
  // The smallest number that the pairs kept of at least 95 % of the events do not exceed.
  std::uint64_t kept_p95 = 0;

  bool operator==(const KeptPairs&) const = default;
};

// The members after `muons` are 0 in a sample without places (ScoredSample::has_places).
struct KeptAtThreshold {
  Counts hits;
  std::uint64_t n_events = 0;
  KeptShare muons = {};            // with 3 hits (min_hits_of_kept_muon)
  KeptShare two_layer_muons = {};  // with 3 hits in each of 2 station layers
  KeptShare whole_segments = {};   // with all hits
  KeptShare usable_segments = {};  // with 3 hits and 80 % of the hits
  KeptPairs pairs = {};

  bool operator==(const KeptAtThreshold&) const = default;
};

// One entry per threshold, in their order.
[[nodiscard]] std::vector<KeptAtThreshold> count_kept(const ScoredSample& sample,
                                                      std::span<const float> thresholds);

}  // namespace stationhit::metrics
