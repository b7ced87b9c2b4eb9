// The signal hits of a sample, without a list of them: a sample can have a hundred million hits.
// Private to the module.
#pragma once

#include <cstddef>
#include <cstdint>

#include <stationhit/metrics/scored_sample.hpp>

namespace stationhit::metrics {

// Calls visit(event, hit) for every signal hit, in order.
template <class Visitor>
void for_each_signal_hit(const ScoredSample& sample, Visitor&& visit) {
  for (std::size_t event = 0; event < sample.n_events(); ++event) {
    for (std::size_t hit = sample.event_offsets[event]; hit < sample.event_offsets[event + 1];
         ++hit)
      if (sample.truth_link[hit] >= 0) visit(event, hit);
  }
}

// Index of the muon in the sample's muon columns.
[[nodiscard]] inline std::uint64_t muon_of_signal_hit(const ScoredSample& sample, std::size_t event,
                                                      std::size_t hit) {
  return sample.muon_offsets[event] + static_cast<std::uint64_t>(sample.truth_link[hit]);
}

}  // namespace stationhit::metrics
