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
    sample.event_offsets.push_back(sample.score.size());
    sample.muon_offsets.push_back(sample.muon_pt.size());
  }
  return sample;
}

}  // namespace stationhit::evaluation
