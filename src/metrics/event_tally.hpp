// What some thresholds keep of one event after the other. Private to the module.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include <stationhit/metrics/event_classes.hpp>
#include <stationhit/metrics/hit_classes.hpp>
#include <stationhit/metrics/kept.hpp>

#include "bootstrap_parts.hpp"

namespace stationhit::metrics {

// Scores of muons or segments, by event: one is kept at threshold t if its score is > t.
struct ObjectScores {
  std::vector<float> score;
  std::vector<std::uint64_t> event_offsets;  // [n_events + 1]
};

// The members of KeptAtThreshold that count muons and segments.
inline constexpr std::array<KeptShare KeptAtThreshold::*, 4> kept_shares{
    &KeptAtThreshold::muons, &KeptAtThreshold::two_layer_muons, &KeptAtThreshold::whole_segments,
    &KeptAtThreshold::usable_segments};

class EventTally {
 public:
  // edges: ascending thresholds. Refers to both arguments.
  EventTally(const ScoredSample& sample, std::span<const float> edges);

  // Counts the event for all edges, all but its hit pairs; add() then adds it as often as wanted.
  void count(std::size_t event);
  void add(KeptAtThreshold& kept, std::size_t edge, std::uint64_t times) const;

  // The same for the hit pairs of a sample with places.
  void count_pairs(std::size_t event);
  void add_pairs(KeptAtThreshold& kept, std::size_t edge, std::uint64_t times) const;
  // Of the event that the edge keeps.
  [[nodiscard]] std::uint64_t pairs(std::size_t edge) const { return pairs_[edge + 1]; }

 private:
  const ScoredSample& sample_;
  std::span<const float> edges_;
  EventCells hits_;
  std::array<ObjectScores, kept_shares.size()> objects_;
  // Entry i: kept by edge i - 1; entry 0: all. [n_edges + 1]
  std::array<std::vector<std::uint32_t>, kept_shares.size()> kept_objects_;
  std::vector<std::uint64_t> pairs_;
};

// The different thresholds, ascending, and where each of the given ones stands among them.
struct Edges {
  std::vector<float> values;
  std::vector<std::size_t> position;  // [n_thresholds]
};

[[nodiscard]] Edges make_edges(std::span<const float> thresholds);

// Adds the hits of an event, accumulated, that the edge keeps, and the event itself.
void add_hits(KeptAtThreshold& kept, const EventCells& hits, std::size_t edge, std::uint64_t times);

// How often the sum for one of the thresholds takes an event.
using TimesOfEvent = std::function<std::uint64_t(std::size_t event, std::size_t threshold)>;

// What each threshold keeps of the events that it takes. One pass over the hits.
[[nodiscard]] std::vector<KeptAtThreshold> add_up_events(const ScoredSample& sample,
                                                         std::span<const float> thresholds,
                                                         const TimesOfEvent& times);

// The same for the hits of every class: [n_classes][n_thresholds], the members hits and n_events.
[[nodiscard]] std::vector<std::vector<KeptAtThreshold>> add_up_classes(
    const ScoredSample& sample, const HitClasses& classes, std::span<const float> thresholds,
    const TimesOfEvent& times);

// The same for the events of every class, all members but pairs.
[[nodiscard]] std::vector<std::vector<KeptAtThreshold>> add_up_event_classes(
    const ScoredSample& sample, const EventClasses& classes, std::span<const float> thresholds,
    const TimesOfEvent& times);

}  // namespace stationhit::metrics
