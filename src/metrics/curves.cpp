// A small sample uses the score of every hit as threshold. A large one uses quantiles, dense where
// the curves change: signal efficiencies in equal steps and close to 1, background in geometric
// steps. Thresholds with equal counts give one point.
#include <algorithm>
#include <cmath>
#include <functional>

#include <stationhit/metrics/curves.hpp>

#include "just_below.hpp"

namespace stationhit::metrics {
namespace {

// Thresholds that keep n of the ascending scores, for each n asked for (1 <= n <= size).
void add_threshold(std::vector<float>& thresholds, std::span<const float> ascending, double n) {
  const auto rank =
      std::clamp<std::size_t>(static_cast<std::size_t>(std::llround(n)), 1, ascending.size());
  thresholds.push_back(just_below(ascending[ascending.size() - rank]));
}

void add_all(std::vector<float>& thresholds, std::span<const float> scores) {
  std::transform(scores.begin(), scores.end(), std::back_inserter(thresholds), just_below);
}

void add_signal_grid(std::vector<float>& thresholds, std::span<const float> signal,
                     std::size_t points) {
  const auto n = static_cast<double>(signal.size());
  const std::size_t half = points / 2;
  for (std::size_t i = 1; i <= half; ++i) {
    const double step = static_cast<double>(i) / static_cast<double>(half);
    add_threshold(thresholds, signal, n * step);
    add_threshold(thresholds, signal, n - std::pow(n, step));  // n^0 .. n^1 signal hits lost
  }
}

void add_background_grid(std::vector<float>& thresholds, std::span<const float> background,
                         std::size_t points) {
  const auto n = static_cast<double>(background.size());
  for (std::size_t i = 0; i < points; ++i) {
    add_threshold(thresholds, background,
                  std::pow(n, static_cast<double>(i) / static_cast<double>(points)));
  }
}

}  // namespace

std::vector<CurvePoint> operating_points(const RankedScores& ranked, std::size_t max_points) {
  const std::span<const float> signal = ranked.signal(), background = ranked.background();
  std::vector<float> thresholds;
  for (const std::span<const float> scores : {signal, background}) {
    if (scores.empty()) continue;
    thresholds.push_back(scores.back());               // keeps nothing of this class
    thresholds.push_back(just_below(scores.front()));  // keeps all of it
  }
  if (signal.size() + background.size() <= max_points) {
    add_all(thresholds, signal);
    add_all(thresholds, background);
  } else {
    if (!signal.empty()) add_signal_grid(thresholds, signal, max_points / 2);
    if (!background.empty()) add_background_grid(thresholds, background, max_points / 2);
  }
  std::sort(thresholds.begin(), thresholds.end(), std::greater<>());
  thresholds.erase(std::unique(thresholds.begin(), thresholds.end()), thresholds.end());
  std::vector<CurvePoint> points;
  for (const float threshold : thresholds) {
    const Counts counts = ranked.counts_at(threshold);
    if (points.empty() || counts != points.back().counts) points.push_back({threshold, counts});
  }
  return points;
}

}  // namespace stationhit::metrics
