// The parts that the steps of the bootstrap share. Private to the module.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <stationhit/metrics/intervals.hpp>
#include <stationhit/metrics/scored_sample.hpp>

namespace stationhit::metrics {

struct SignalHit {
  float score;
  std::uint32_t event;
};

[[nodiscard]] std::vector<SignalHit> signal_hits_descending(const ScoredSample& sample);

// Two events at least, with signal and background hits.
[[nodiscard]] bool can_be_resampled(const ScoredSample& sample, std::span<const SignalHit> signal);

// The cell of a score between ascending edges: how many of them it is above.
[[nodiscard]] std::size_t find_cell(std::span<const float> edges, float score);

// Afterwards entry i counts what is above edge i - 1, entry 0 all. cells: [n_edges + 1]
void accumulate_from_above(std::vector<std::uint32_t>& cells);

// Signal and background hits of one event in the cells between ascending edges; cell i holds the
// scores above exactly i edges.
struct EventCells {
  explicit EventCells(std::size_t n_edges) : signal(n_edges + 1), background(n_edges + 1) {}

  void clear();
  void add(const ScoredSample& sample, std::size_t hit, std::span<const float> edges);
  // The hits of the event and no others.
  void fill(const ScoredSample& sample, std::size_t event, std::span<const float> edges);
  // Of both lists.
  void accumulate();

  std::vector<std::uint32_t> signal, background;
};

// Central interval of the values that are not NaN, linear between order statistics; NaN of none.
[[nodiscard]] Interval central_interval(std::vector<double> values);

}  // namespace stationhit::metrics
