// The signal hits are sorted by muon and place, best scores first. A segment or a layer is then a
// run of this list, and the score at which it would be lost is that of one hit of the run.
#include <algorithm>
#include <functional>
#include <span>
#include <tuple>

#include <stationhit/core/technology.hpp>
#include <stationhit/metrics/segments.hpp>

#include "signal_hits.hpp"

namespace stationhit::metrics {
namespace {

struct PlacedHit {
  std::uint64_t muon;
  std::uint8_t place;
  float score;
};

std::uint8_t station_of(const ScoredSample& sample, std::size_t hit) {
  return core::chamber_group(static_cast<core::Technology>(sample.technology[hit]),
                             sample.station_index[hit], sample.station_eta[hit],
                             sample.station_phi[hit]);
}

std::uint8_t layer_of(const ScoredSample& sample, std::size_t hit) {
  return static_cast<std::uint8_t>(core::station_layer(sample.station_index[hit]));
}

using PlaceOfHit = std::uint8_t (*)(const ScoredSample&, std::size_t hit);

std::vector<PlacedHit> sort_signal_hits(const ScoredSample& sample, PlaceOfHit place_of) {
  std::vector<PlacedHit> hits;
  if (!sample.has_places()) return hits;
  for_each_signal_hit(sample, [&](std::size_t event, std::size_t hit) {
    hits.push_back(
        {muon_of_signal_hit(sample, event, hit), place_of(sample, hit), sample.score[hit]});
  });
  std::sort(hits.begin(), hits.end(), [](const PlacedHit& a, const PlacedHit& b) {
    return std::tie(a.muon, a.place, b.score) < std::tie(b.muon, b.place, a.score);
  });
  return hits;
}

// Visits the hits of every muon in every place that holds enough of them.
void for_each_place(std::span<const PlacedHit> hits,
                    const std::function<void(std::span<const PlacedHit>)>& visit) {
  for (std::size_t begin = 0; begin < hits.size();) {
    std::size_t end = begin + 1;
    while (end < hits.size() && hits[end].muon == hits[begin].muon &&
           hits[end].place == hits[begin].place)
      ++end;
    if (end - begin >= min_hits_of_segment) visit(hits.subspan(begin, end - begin));
    begin = end;
  }
}

}  // namespace

std::size_t usable_hits(std::size_t n) { return std::max(min_hits_of_segment, (4 * n + 4) / 5); }

std::vector<Segment> find_segments(const ScoredSample& sample) {
  std::vector<Segment> segments;
  for_each_place(sort_signal_hits(sample, station_of), [&](std::span<const PlacedHit> hits) {
    segments.push_back({hits.front().muon, static_cast<std::uint32_t>(hits.size()),
                        hits.back().score, hits[usable_hits(hits.size()) - 1].score});
  });
  return segments;
}

std::vector<TwoLayerMuon> find_two_layer_muons(const ScoredSample& sample) {
  // One entry per muon and layer first: the score at which the layer would be lost.
  std::vector<TwoLayerMuon> layers;
  for_each_place(sort_signal_hits(sample, layer_of), [&](std::span<const PlacedHit> hits) {
    layers.push_back({hits.front().muon, hits[min_hits_of_segment - 1].score});
  });
  std::sort(layers.begin(), layers.end(), [](const TwoLayerMuon& a, const TwoLayerMuon& b) {
    return std::tie(a.muon, b.score) < std::tie(b.muon, a.score);
  });
  std::vector<TwoLayerMuon> muons;
  for (std::size_t first = 0; first + min_layers_of_track <= layers.size(); ++first) {
    const TwoLayerMuon& last_needed = layers[first + min_layers_of_track - 1];
    const bool is_best = first == 0 || layers[first - 1].muon != layers[first].muon;
    if (is_best && last_needed.muon == layers[first].muon) muons.push_back(last_needed);
  }
  return muons;
}

}  // namespace stationhit::metrics
