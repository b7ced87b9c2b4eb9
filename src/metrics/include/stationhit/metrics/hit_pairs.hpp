// Hit pairs: the seeds from which a segment finder starts. A pair are two hits of one bucket in
// different layers; both measure the precision coordinate. A layer is a (technology, stationIndex,
// layer), as in the feature relative_layer. A pair whose hits share two buckets counts once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <stationhit/metrics/scored_sample.hpp>

namespace stationhit::metrics {

// Pairs of an event: entry 0 of all its hits, entry i + 1 of the hits with score > thresholds[i];
// thresholds ascend. The sample has places (asserted). O(n log n) in the number of hits.
[[nodiscard]] std::vector<std::uint64_t> count_hit_pairs(const ScoredSample& sample,
                                                         std::size_t event,
                                                         std::span<const float> thresholds);

}  // namespace stationhit::metrics
