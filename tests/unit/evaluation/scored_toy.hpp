// A scored sample with the class balance of the real one, small enough for tests.
#pragma once

#include <random>

#include <stationhit/metrics/scored_sample.hpp>

namespace stationhit::evaluation {

// One or two muons of 20 signal hits per event among n_background hits; technologies in turn.
inline metrics::ScoredSample scored_toy(std::size_t n_events, std::size_t n_background = 500,
                                        std::uint32_t seed = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<float> gauss;
  std::uniform_real_distribution<float> uniform(0.0F, 1.0F);
  const std::uint8_t codes[] = {0, 2, 3, 4, 5};
  metrics::ScoredSample sample;
  for (std::size_t event = 0; event < n_events; ++event) {
    const std::size_t n_muons = 1 + event % 2;
    for (std::size_t muon = 0; muon < n_muons; ++muon) {
      sample.muon_pt.push_back(5.0F + 120.0F * uniform(random));
      sample.muon_eta.push_back(5.4F * uniform(random) - 2.7F);
      sample.muon_phi.push_back(6.28F * uniform(random) - 3.14F);
    }
    for (std::size_t hit = 0; hit < 20 * n_muons + n_background; ++hit) {
      const bool is_true = hit < 20 * n_muons;
      sample.truth_link.push_back(static_cast<std::int8_t>(is_true ? hit / 20 : -1));
      sample.score.push_back(is_true ? 2.0F + 2.0F * gauss(random) : -7.0F + 2.5F * gauss(random));
      sample.technology.push_back(is_true ? codes[hit % 3] : codes[hit % 5]);
    }
    sample.event_number.push_back(event);
    sample.mc_channel_number.push_back(0);
    sample.event_offsets.push_back(sample.score.size());
    sample.muon_offsets.push_back(sample.muon_pt.size());
  }
  return sample;
}

// The same with charges and with places: the hits of a muon in two station layers, background
// everywhere, 20 consecutive hits in a bucket.
inline metrics::ScoredSample placed_toy(std::size_t n_events) {
  metrics::ScoredSample sample = scored_toy(n_events);
  const std::uint8_t stations[] = {0, 2, 4, 17};  // BI, BM, BO, EM
  for (std::size_t hit = 0; hit < sample.n_hits(); ++hit) {
    sample.station_index.push_back(stations[hit % (sample.truth_link[hit] >= 0 ? 2 : 4)]);
    sample.station_eta.push_back(1);
    sample.station_phi.push_back(static_cast<std::uint8_t>(1 + sample.truth_link[hit] + 1));
    sample.layer.push_back(static_cast<std::uint8_t>(hit % 6));
  }
  for (std::size_t event = 0; event < n_events; ++event) {
    const std::uint64_t n_hits = sample.event_offsets[event + 1] - sample.event_offsets[event];
    for (std::uint32_t hit = 0; hit < n_hits; ++hit) {
      sample.bucket_hits.push_back(hit);
      if (hit % 20 == 19 || hit + 1 == n_hits)
        sample.bucket_offsets.push_back(sample.bucket_hits.size());
    }
    sample.event_buckets.push_back(sample.bucket_offsets.size() - 1);
  }
  for (std::size_t muon = 0; muon < sample.n_muons(); ++muon)
    sample.muon_q.push_back(muon % 2 == 0 ? 1 : -1);
  return sample;
}

}  // namespace stationhit::evaluation
