// The parts of the bootstrap that work on one event or one list of values. An event is drawn as a
// whole, because the hits of an event are not independent of each other.
#include "bootstrap_parts.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "signal_hits.hpp"

namespace stationhit::metrics {

std::vector<SignalHit> signal_hits_descending(const ScoredSample& sample) {
  std::vector<SignalHit> hits;
  for_each_signal_hit(sample, [&](std::size_t event, std::size_t hit) {
    hits.push_back({sample.score[hit], static_cast<std::uint32_t>(event)});
  });
  std::sort(hits.begin(), hits.end(),
            [](const SignalHit& a, const SignalHit& b) { return a.score > b.score; });
  return hits;
}

bool can_be_resampled(const ScoredSample& sample, std::span<const SignalHit> signal) {
  return sample.n_events() >= 2 && !signal.empty() && signal.size() < sample.n_hits();
}

std::size_t find_cell(std::span<const float> edges, float score) {
  return static_cast<std::size_t>(std::lower_bound(edges.begin(), edges.end(), score) -
                                  edges.begin());
}

void accumulate_from_above(std::vector<std::uint32_t>& cells) {
  for (std::size_t cell = cells.size() - 1; cell > 0; --cell) cells[cell - 1] += cells[cell];
}

void EventCells::clear() {
  std::fill(signal.begin(), signal.end(), 0U);
  std::fill(background.begin(), background.end(), 0U);
}

void EventCells::add(const ScoredSample& sample, std::size_t hit, std::span<const float> edges) {
  ++(sample.truth_link[hit] >= 0 ? signal : background)[find_cell(edges, sample.score[hit])];
}

void EventCells::fill(const ScoredSample& sample, std::size_t event, std::span<const float> edges) {
  clear();
  for (std::uint64_t hit = sample.event_offsets[event]; hit < sample.event_offsets[event + 1];
       ++hit)
    add(sample, hit, edges);
}

void EventCells::accumulate() {
  accumulate_from_above(signal);
  accumulate_from_above(background);
}

Interval central_interval(std::vector<double> values) {
  std::erase_if(values, [](double value) { return std::isnan(value); });
  if (values.empty()) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    return {nan, nan};
  }
  std::sort(values.begin(), values.end());
  const auto quantile = [&values](double share) {
    // Linear between order statistics; an infinite neighbor (a rejection without background) is not
    // averaged with a finite value.
    const double position = share * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(position);
    const double fraction = position - static_cast<double>(below);
    if (fraction == 0.0 || !std::isfinite(values[below + 1])) return values[below];
    return values[below] + fraction * (values[below + 1] - values[below]);
  };
  const double tail = (1.0 - confidence_level) / 2.0;
  return {quantile(tail), quantile(1.0 - tail)};
}

}  // namespace stationhit::metrics
