// Efficiency in bins of a variable.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <stationhit/metrics/intervals.hpp>

namespace stationhit::metrics {

struct EfficiencyBin {
  double low = 0, high = 0;  // [low, high) of the variable, the last bin includes its upper edge
  std::uint64_t passed = 0, total = 0;

  [[nodiscard]] double value() const {
    return static_cast<double>(passed) / static_cast<double>(total);
  }  // NaN in an empty bin
  [[nodiscard]] Interval interval() const { return clopper_pearson(passed, total); }
};

struct BinnedEfficiency {
  std::vector<EfficiencyBin> bins;
  std::uint64_t outside = 0;  // entries below the first or above the last edge, or NaN: in no bin
};

// n + 1 edges that share [low, high] evenly.
[[nodiscard]] std::vector<double> uniform_edges(std::size_t n, double low, double high);

// n + 1 edges in equal ratios from low to high, both positive.
[[nodiscard]] std::vector<double> logarithmic_edges(std::size_t n, double low, double high);

// passed: not 0 where entry i passes; one per value (asserted). edges: ascending, at least two
// (asserted).
[[nodiscard]] BinnedEfficiency binned_efficiency(std::span<const float> values,
                                                 std::span<const std::uint8_t> passed,
                                                 std::span<const double> edges);

}  // namespace stationhit::metrics
