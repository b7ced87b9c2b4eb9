// A muon is kept if its n-th best hit passes the threshold, so the score of that hit is all that
// must be remembered. One pass keeps the n best scores of every muon, which is fewer than sorting.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include <stationhit/metrics/muons.hpp>
#include <stationhit/metrics/working_points.hpp>

#include "signal_hits.hpp"

namespace stationhit::metrics {
namespace {

float delta_r(const ScoredSample& sample, std::size_t a, std::size_t b) {
  const double eta = static_cast<double>(sample.muon_eta[a]) - sample.muon_eta[b];
  const double phi = std::remainder(static_cast<double>(sample.muon_phi[a]) - sample.muon_phi[b],
                                    2.0 * std::numbers::pi);
  return static_cast<float>(std::hypot(eta, phi));
}

}  // namespace

std::vector<std::int64_t> muon_of_hit(const ScoredSample& sample) {
  std::vector<std::int64_t> muons(sample.n_hits(), -1);
  for_each_signal_hit(sample, [&](std::size_t event, std::size_t hit) {
    muons[hit] = static_cast<std::int64_t>(muon_of_signal_hit(sample, event, hit));
  });
  return muons;
}

std::vector<float> muon_scores(const ScoredSample& sample) {
  // Best scores of each muon, descending; the last of them is the answer.
  std::array<float, min_hits_of_kept_muon> none{};
  none.fill(-std::numeric_limits<float>::infinity());
  std::vector<std::array<float, min_hits_of_kept_muon>> best(sample.n_muons(), none);
  for_each_signal_hit(sample, [&](std::size_t event, std::size_t hit) {
    auto& scores = best[muon_of_signal_hit(sample, event, hit)];
    if (sample.score[hit] <= scores.back()) return;
    scores.back() = sample.score[hit];
    for (std::size_t i = scores.size() - 1; i > 0 && scores[i] > scores[i - 1]; --i)
      std::swap(scores[i], scores[i - 1]);
  });
  std::vector<float> result(best.size());
  std::transform(best.begin(), best.end(), result.begin(),
                 [](const auto& scores) { return scores.back(); });
  return result;
}

std::vector<float> distances_to_nearest_muon(const ScoredSample& sample) {
  std::vector<float> nearest(sample.n_muons(), std::numeric_limits<float>::quiet_NaN());
  for (std::size_t event = 0; event < sample.n_events(); ++event) {
    for (std::uint64_t a = sample.muon_offsets[event]; a < sample.muon_offsets[event + 1]; ++a) {
      for (std::uint64_t b = sample.muon_offsets[event]; b < sample.muon_offsets[event + 1]; ++b) {
        // fmin leaves out the NaN of a muon that has met no other yet.
        if (a != b) nearest[a] = std::fmin(nearest[a], delta_r(sample, a, b));
      }
    }
  }
  return nearest;
}

std::vector<std::uint32_t> hits_per_muon(const ScoredSample& sample) {
  std::vector<std::uint32_t> hits(sample.n_muons(), 0);
  for_each_signal_hit(sample, [&](std::size_t event, std::size_t hit) {
    ++hits[muon_of_signal_hit(sample, event, hit)];
  });
  return hits;
}

}  // namespace stationhit::metrics
