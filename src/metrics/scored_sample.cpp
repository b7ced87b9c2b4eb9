// Columns over all hits and all muons, with offsets by event, because the bootstrap draws events
// and everything else runs over hits.
#include <cassert>

#include <stationhit/metrics/scored_sample.hpp>

namespace stationhit::metrics {
namespace {

template <class Value, class Source>
void extend(std::vector<Value>& column, const Source& values) {
  column.insert(column.end(), values.begin(), values.end());
}

void append_places(ScoredSample& sample, const core::EventTruth& event) {
  extend(sample.station_index, event.station_index);
  extend(sample.station_eta, event.station_eta);
  extend(sample.station_phi, event.station_phi);
  extend(sample.layer, event.layer);
  const std::uint64_t first = sample.bucket_hits.size();
  for (std::size_t bucket = 1; bucket < event.bucket_offsets.size(); ++bucket)
    sample.bucket_offsets.push_back(first + event.bucket_offsets[bucket]);
  extend(sample.bucket_hits, event.bucket_hits);
  sample.event_buckets.push_back(sample.bucket_offsets.size() - 1);
}

}  // namespace

void append(ScoredSample& sample, const core::EventTruth& event,
            std::span<const float> hit_scores) {
  assert(hit_scores.size() == event.n_hits());
  sample.event_number.push_back(event.event_number);
  sample.mc_channel_number.push_back(event.mc_channel_number);
  extend(sample.score, hit_scores);
  extend(sample.truth_link, event.truth_link);
  extend(sample.technology, event.technology);
  extend(sample.muon_pt, event.muon_pt);
  extend(sample.muon_eta, event.muon_eta);
  extend(sample.muon_phi, event.muon_phi);
  extend(sample.muon_q, event.muon_q);
  sample.muon_q.resize(sample.muon_pt.size(), 0);
  if (event.has_places()) append_places(sample, event);
  sample.event_offsets.push_back(sample.score.size());
  sample.muon_offsets.push_back(sample.muon_pt.size());
}

void append_nodes(ScoredSample& sample, const core::EventTruth& event,
                  std::span<const std::uint32_t> hit_of_node, std::span<const float> node_scores) {
  core::EventTruth of_nodes;
  of_nodes.event_number = event.event_number;
  of_nodes.mc_channel_number = event.mc_channel_number;
  for (const std::uint32_t hit : hit_of_node) {
    of_nodes.truth_link.push_back(event.truth_link[hit]);
    of_nodes.technology.push_back(event.technology[hit]);
  }
  of_nodes.muon_pt = event.muon_pt;
  of_nodes.muon_eta = event.muon_eta;
  of_nodes.muon_phi = event.muon_phi;
  of_nodes.muon_q = event.muon_q;
  append(sample, of_nodes, node_scores);
}

std::vector<std::uint8_t> hit_labels(const ScoredSample& sample) {
  std::vector<std::uint8_t> labels(sample.n_hits());
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = sample.truth_link[i] >= 0 ? 1 : 0;
  return labels;
}

}  // namespace stationhit::metrics
