// The hits of an event are sorted into the cells between the thresholds once; every class has cells
// of its own.
#include <algorithm>
#include <array>

#include <stationhit/core/technology.hpp>
#include <stationhit/metrics/hit_classes.hpp>

#include "event_tally.hpp"

namespace stationhit::metrics {
namespace {

// codes: of the classes that are listed anyway. The others that occur follow.
HitClasses classify(std::vector<std::uint8_t> codes, std::vector<std::uint8_t> code_of_hit) {
  std::array<bool, 256> occurs{};
  for (const std::uint8_t code : code_of_hit) occurs[code] = true;
  for (std::size_t code = 0; code < occurs.size(); ++code) {
    const auto value = static_cast<std::uint8_t>(code);
    if (occurs[code] && std::ranges::find(codes, value) == codes.end()) codes.push_back(value);
  }
  std::array<std::uint8_t, 256> index{};
  for (std::size_t i = 0; i < codes.size(); ++i) index[codes[i]] = static_cast<std::uint8_t>(i);
  for (std::uint8_t& code : code_of_hit) code = index[code];
  return {std::move(codes), std::move(code_of_hit)};
}

}  // namespace

HitClasses classify_by_technology(const ScoredSample& sample) {
  std::vector<std::uint8_t> codes;
  for (const core::Technology technology : core::technologies)
    codes.push_back(static_cast<std::uint8_t>(technology));
  return classify(std::move(codes), sample.technology);
}

HitClasses classify_by_station_layer(const ScoredSample& sample) {
  if (!sample.has_places()) return {};
  std::vector<std::uint8_t> codes, of_hit(sample.n_hits());
  for (std::uint8_t code = 0; code < static_cast<std::uint8_t>(core::StationLayer::unknown); ++code)
    codes.push_back(code);
  std::transform(
      sample.station_index.begin(), sample.station_index.end(), of_hit.begin(),
      [](std::uint8_t index) { return static_cast<std::uint8_t>(core::station_layer(index)); });
  return classify(std::move(codes), std::move(of_hit));
}

std::vector<std::vector<KeptAtThreshold>> add_up_classes(const ScoredSample& sample,
                                                         const HitClasses& classes,
                                                         std::span<const float> thresholds,
                                                         const TimesOfEvent& times) {
  if (classes.codes.empty()) return {};  // a sample without places
  const Edges edges = make_edges(thresholds);
  std::vector<EventCells> cells(classes.codes.size(), EventCells(edges.values.size()));
  std::vector<std::vector<KeptAtThreshold>> kept(classes.codes.size(),
                                                 std::vector<KeptAtThreshold>(thresholds.size()));
  for (std::size_t event = 0; event < sample.n_events(); ++event) {
    for (EventCells& of_class : cells) of_class.clear();
    for (std::uint64_t hit = sample.event_offsets[event]; hit < sample.event_offsets[event + 1];
         ++hit)
      cells[classes.of_hit[hit]].add(sample, hit, edges.values);
    for (std::size_t c = 0; c < cells.size(); ++c) {
      cells[c].accumulate();
      for (std::size_t i = 0; i < thresholds.size(); ++i)
        add_hits(kept[c][i], cells[c], edges.position[i], times(event, i));
    }
  }
  return kept;
}

std::vector<std::vector<KeptAtThreshold>> count_kept_by_class(const ScoredSample& sample,
                                                              const HitClasses& classes,
                                                              std::span<const float> thresholds) {
  return add_up_classes(sample, classes, thresholds, [](std::size_t, std::size_t) { return 1; });
}

}  // namespace stationhit::metrics
