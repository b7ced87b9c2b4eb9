#include <algorithm>
#include <cassert>
#include <cmath>

#include <stationhit/metrics/efficiency.hpp>

namespace stationhit::metrics {

std::vector<double> uniform_edges(std::size_t n, double low, double high) {
  std::vector<double> edges(n + 1);
  for (std::size_t i = 0; i <= n; ++i)
    edges[i] = low + (high - low) * static_cast<double>(i) / static_cast<double>(n);
  return edges;
}

std::vector<double> logarithmic_edges(std::size_t n, double low, double high) {
  std::vector<double> edges(n + 1);
  for (std::size_t i = 0; i <= n; ++i)
    edges[i] = low * std::pow(high / low, static_cast<double>(i) / static_cast<double>(n));
  return edges;
}

BinnedEfficiency binned_efficiency(std::span<const float> values,
                                   std::span<const std::uint8_t> passed,
                                   std::span<const double> edges) {
  assert(values.size() == passed.size() && edges.size() >= 2 &&
         std::is_sorted(edges.begin(), edges.end()));
  BinnedEfficiency result;
  for (std::size_t bin = 0; bin + 1 < edges.size(); ++bin)
    result.bins.push_back({edges[bin], edges[bin + 1], 0, 0});
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double value = values[i];
    if (!(value >= edges.front() && value <= edges.back())) {
      ++result.outside;
      continue;
    }
    // Bins are closed below and open above, except the last, which includes its upper edge.
    const auto above = static_cast<std::size_t>(
        std::upper_bound(edges.begin(), edges.end(), value) - edges.begin());
    EfficiencyBin& bin = result.bins[std::min(above, edges.size() - 1) - 1];
    ++bin.total;
    if (passed[i] != 0) ++bin.passed;
  }
  return result;
}

}  // namespace stationhit::metrics
