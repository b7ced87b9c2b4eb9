// Events are drawn with a generator of our own arithmetic, so that every machine draws the same.
// Intervals are quantiles of the values that a quantity has over the replicas; replicas for which
// it is not defined (0/0) do not count.
#include <algorithm>
#include <cassert>
#include <cmath>
#include <random>

#include <stationhit/metrics/bootstrap.hpp>

#include "bootstrap_parts.hpp"

namespace stationhit::metrics {
namespace {

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

Replicas draw_replicas(std::size_t n_events, const BootstrapOptions& options) {
  Replicas replicas{options.replicas, std::vector<std::uint16_t>(n_events * options.replicas, 0)};
  std::mt19937_64 random(options.seed);
  for (std::uint32_t replica = 0; replica < options.replicas; ++replica) {
    for (std::size_t draw = 0; draw < n_events; ++draw) {
      // High word of a 32 x 32 bit product: the same event everywhere, unlike
      // std::uniform_int_distribution.
      const std::size_t event = ((random() >> 32U) * n_events) >> 32U;
      ++replicas.weights[event * options.replicas + replica];
    }
  }
  return replicas;
}

Interval replica_interval(std::span<const KeptAtThreshold> replicas, const KeptFunction& quantity) {
  std::vector<double> values(replicas.size());
  std::transform(replicas.begin(), replicas.end(), values.begin(), quantity);
  return central_interval(std::move(values));
}

double relative_change(const KeptAtThreshold& before, const KeptAtThreshold& after,
                       const KeptFunction& quantity) {
  return quantity(after) / quantity(before) - 1;
}

Interval change_interval(std::span<const KeptAtThreshold> before,
                         std::span<const KeptAtThreshold> after, double change_of_sample,
                         const KeptFunction& quantity) {
  assert(before.size() == after.size());
  std::vector<double> values;
  for (std::size_t replica = 0; replica < before.size(); ++replica) {
    const double value = relative_change(before[replica], after[replica], quantity);
    if (!std::isnan(value)) values.push_back(value);
  }
  if (values.empty()) return central_interval({});
  // The interval keeps the width that the replicas have and is centered on the change of the
  // sample: for small samples the median of the replicas can lie beside it.
  const double shift = change_of_sample - median(values);
  const Interval interval = central_interval(std::move(values));
  return {interval.low + shift, interval.high + shift};
}

}  // namespace stationhit::metrics
