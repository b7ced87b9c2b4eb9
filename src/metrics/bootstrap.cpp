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

// From one replica of both: relative_change or difference.
using PairedFunction = double (*)(const KeptAtThreshold& before, const KeptAtThreshold& after,
                                  const KeptFunction& quantity);

struct PairedInterval {
  Interval drawn;    // of the replicas
  double shift = 0;  // from their median to the value of the sample
};

PairedInterval paired_interval(std::span<const KeptAtThreshold> before,
                               std::span<const KeptAtThreshold> after, double of_sample,
                               const KeptFunction& quantity, PairedFunction compare) {
  assert(before.size() == after.size());
  std::vector<double> values;
  for (std::size_t replica = 0; replica < before.size(); ++replica) {
    const double value = compare(before[replica], after[replica], quantity);
    if (!std::isnan(value)) values.push_back(value);
  }
  if (values.empty()) return {central_interval({})};
  const double shift = of_sample - median(values);
  return {central_interval(std::move(values)), shift};
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

double difference(const KeptAtThreshold& before, const KeptAtThreshold& after,
                  const KeptFunction& quantity) {
  return quantity(after) - quantity(before);
}

Interval change_interval(std::span<const KeptAtThreshold> before,
                         std::span<const KeptAtThreshold> after, double change_of_sample,
                         const KeptFunction& quantity) {
  // The interval keeps the width that the replicas have and is centered on the change of the
  // sample: for small samples the median of the replicas can lie beside it.
  const auto [drawn, shift] =
      paired_interval(before, after, change_of_sample, quantity, relative_change);
  return {drawn.low + shift, drawn.high + shift};
}

Interval difference_interval(std::span<const KeptAtThreshold> before,
                             std::span<const KeptAtThreshold> after, double difference_of_sample,
                             const KeptFunction& quantity) {
  // A difference of few muons has few values, often the same in most replicas: moving the interval
  // alone would promise certainty.
  const auto [drawn, shift] =
      paired_interval(before, after, difference_of_sample, quantity, difference);
  return {drawn.low + std::min(shift, 0.0), drawn.high + std::max(shift, 0.0)};
}

}  // namespace stationhit::metrics
