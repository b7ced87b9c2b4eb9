// A muon or segment is kept like a hit whose score is that of the last hit it needs, so all of them
// are sorted into the cells between the thresholds in the same way. Only the percentile of the hit
// pairs needs all events at once.
#include "event_tally.hpp"

#include <algorithm>
#include <numeric>

#include <stationhit/metrics/hit_pairs.hpp>
#include <stationhit/metrics/muons.hpp>
#include <stationhit/metrics/segments.hpp>

namespace stationhit::metrics {
namespace {

// `objects` are ordered by muon, hence by event.
template <class Object>
ObjectScores by_event(const ScoredSample& sample, std::span<const Object> objects,
                      float Object::*score) {
  ObjectScores result;
  result.event_offsets.push_back(0);
  for (std::size_t event = 0; event < sample.n_events(); ++event) {
    while (result.score.size() < objects.size() &&
           objects[result.score.size()].muon < sample.muon_offsets[event + 1])
      result.score.push_back(objects[result.score.size()].*score);
    result.event_offsets.push_back(result.score.size());
  }
  return result;
}

// In the order of kept_shares.
std::array<ObjectScores, kept_shares.size()> list_objects(const ScoredSample& sample) {
  const std::vector<Segment> segments = find_segments(sample);
  const std::vector<TwoLayerMuon> two_layer = find_two_layer_muons(sample);
  return {ObjectScores{muon_scores(sample), sample.muon_offsets},
          by_event<TwoLayerMuon>(sample, two_layer, &TwoLayerMuon::score),
          by_event<Segment>(sample, segments, &Segment::whole_score),
          by_event<Segment>(sample, segments, &Segment::usable_score)};
}

// kept: [n_edges + 1]
void count_above(const ObjectScores& objects, std::size_t event, std::span<const float> edges,
                 std::vector<std::uint32_t>& kept) {
  std::fill(kept.begin(), kept.end(), 0U);
  for (std::uint64_t i = objects.event_offsets[event]; i < objects.event_offsets[event + 1]; ++i)
    ++kept[find_cell(edges, objects.score[i])];
  accumulate_from_above(kept);
}

// Events by the number of their pairs at one edge.
std::vector<std::uint32_t> sort_events(std::span<const std::uint64_t> pairs) {
  std::vector<std::uint32_t> order(pairs.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(),
            [pairs](std::uint32_t a, std::uint32_t b) { return pairs[a] < pairs[b]; });
  return order;
}

// pairs: [n_edges][n_events]
void add_percentiles(std::vector<KeptAtThreshold>& kept,
                     const std::vector<std::vector<std::uint64_t>>& pairs, const Edges& edges,
                     const TimesOfEvent& times) {
  std::vector<std::vector<std::uint32_t>> orders;
  for (const auto& of_edge : pairs) orders.push_back(sort_events(of_edge));
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const std::size_t edge = edges.position[i];
    std::uint64_t n = 0;
    for (const std::uint32_t event : orders[edge]) {
      n += times(event, i);
      kept[i].pairs.kept_p95 = pairs[edge][event];
      if (100 * n >= 95 * kept[i].n_events) break;
    }
  }
}

}  // namespace

EventTally::EventTally(const ScoredSample& sample, std::span<const float> edges)
    : sample_(sample),
      edges_(edges),
      hits_(edges.size()),
      objects_(list_objects(sample)),
      pairs_(edges.size() + 1) {
  for (auto& kept : kept_objects_) kept.resize(edges.size() + 1);
}

void EventTally::count(std::size_t event) {
  hits_.fill(sample_, event, edges_);
  hits_.accumulate();
  for (std::size_t kind = 0; kind < objects_.size(); ++kind)
    count_above(objects_[kind], event, edges_, kept_objects_[kind]);
}

void EventTally::count_pairs(std::size_t event) {
  pairs_ = count_hit_pairs(sample_, event, edges_);
}

void EventTally::add(KeptAtThreshold& kept, std::size_t edge, std::uint64_t times) const {
  add_hits(kept, hits_, edge, times);
  const std::size_t above = edge + 1;
  for (std::size_t kind = 0; kind < kept_shares.size(); ++kind) {
    KeptShare& share = kept.*kept_shares[kind];
    share.kept += times * kept_objects_[kind][above];
    share.total += times * kept_objects_[kind][0];
  }
}

void EventTally::add_pairs(KeptAtThreshold& kept, std::size_t edge, std::uint64_t times) const {
  kept.pairs.n_events += times;
  kept.pairs.before += times * pairs_[0];
  kept.pairs.kept += times * pairs(edge);
}

Edges make_edges(std::span<const float> thresholds) {
  Edges edges{{thresholds.begin(), thresholds.end()}, {}};
  std::sort(edges.values.begin(), edges.values.end());
  edges.values.erase(std::unique(edges.values.begin(), edges.values.end()), edges.values.end());
  // Equality is exact: the edges are the thresholds themselves.
  for (const float threshold : thresholds)
    edges.position.push_back(find_cell(edges.values, threshold));
  return edges;
}

void add_hits(KeptAtThreshold& kept, const EventCells& hits, std::size_t edge,
              std::uint64_t times) {
  const std::size_t above = edge + 1;
  kept.n_events += times;
  kept.hits.true_positives += times * hits.signal[above];
  kept.hits.false_positives += times * hits.background[above];
  kept.hits.false_negatives += times * (hits.signal[0] - hits.signal[above]);
  kept.hits.true_negatives += times * (hits.background[0] - hits.background[above]);
}

std::vector<KeptAtThreshold> add_up_events(const ScoredSample& sample,
                                           std::span<const float> thresholds,
                                           const TimesOfEvent& times) {
  const Edges edges = make_edges(thresholds);
  std::vector<KeptAtThreshold> kept(thresholds.size());
  std::vector<std::vector<std::uint64_t>> pairs(edges.values.size());
  EventTally tally(sample, edges.values);
  for (std::size_t event = 0; event < sample.n_events(); ++event) {
    tally.count(event);
    for (std::size_t i = 0; i < kept.size(); ++i)
      tally.add(kept[i], edges.position[i], times(event, i));
    if (!sample.has_places()) continue;
    tally.count_pairs(event);
    for (std::size_t i = 0; i < kept.size(); ++i)
      tally.add_pairs(kept[i], edges.position[i], times(event, i));
    for (std::size_t edge = 0; edge < pairs.size(); ++edge)
      pairs[edge].push_back(tally.pairs(edge));
  }
  if (sample.has_places()) add_percentiles(kept, pairs, edges, times);
  return kept;
}

std::vector<KeptAtThreshold> count_kept(const ScoredSample& sample,
                                        std::span<const float> thresholds) {
  return add_up_events(sample, thresholds, [](std::size_t, std::size_t) { return 1; });
}

}  // namespace stationhit::metrics
