// The distribution is a map from value to frequency, so moments and quantiles are exact whatever
// the order of the entries. The error of sigma follows from the fourth central moment, that of a
// quantile from its binomial neighbors.
#include <algorithm>
#include <cmath>

#include <stationhit/simulation/distribution.hpp>

namespace stationhit::simulation {

double Distribution::mean() const {
  if (n_ == 0) return 0;
  double sum = 0;
  for (const auto& [value, times] : values_)
    sum += static_cast<double>(value) * static_cast<double>(times);
  return sum / static_cast<double>(n_);
}

double Distribution::central_moment(int order) const {
  if (n_ == 0) return 0;
  const double center = mean();
  double sum = 0;
  for (const auto& [value, times] : values_)
    sum += std::pow(value - center, order) * static_cast<double>(times);
  return sum / static_cast<double>(n_);
}

double Distribution::mean_error() const {
  return n_ > 0 ? sigma() / std::sqrt(static_cast<double>(n_)) : 0;
}

double Distribution::sigma() const { return std::sqrt(central_moment(2)); }

double Distribution::sigma_error() const {
  const double variance = central_moment(2);
  if (variance <= 0) return 0;
  return std::sqrt(std::max(0.0, central_moment(4) - variance * variance) /
                   static_cast<double>(n_)) /
         (2 * std::sqrt(variance));
}

double Distribution::quantile(double p) const {
  const double wanted = std::clamp(p, 0.0, 1.0) * static_cast<double>(n_);
  double below = 0;
  for (const auto& [value, times] : values_) {
    below += static_cast<double>(times);
    if (below >= wanted) return value;
  }
  return max();
}

// Values are integers, so the error is at least half a step.
double Distribution::quantile_error(double p) const {
  if (n_ == 0) return 0;
  const double deviation = std::sqrt(p * (1 - p) / static_cast<double>(n_));
  return std::max(0.5, (quantile(p + deviation) - quantile(p - deviation)) / 2);
}

}  // namespace stationhit::simulation
