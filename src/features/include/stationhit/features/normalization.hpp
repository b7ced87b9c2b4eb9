// Normalization statistics of named features.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <stationhit/core/settings.hpp>

namespace stationhit::features {

struct FeatureStatistics {
  std::string name;
  std::uint64_t count = 0;
  double mean = 0, std = 0;  // std: population standard deviation
  double min = 0, max = 0;
  double median = 0, iqr = 0;  // from a fine histogram
  double quantile_error =
      0;  // bound on the error of the quantiles that make median and iqr (a bin width)

  static void describe(auto& self, auto&& setting) {
    setting("name", self.name, "Feature");
    setting("count", self.count, "Number of values");
    setting("mean", self.mean, "Mean");
    setting("std", self.std, "Population standard deviation", core::at_least(0));
    setting("min", self.min, "Smallest value");
    setting("max", self.max, "Largest value");
    setting("median", self.median, "Median");
    setting("iqr", self.iqr, "Interquartile range", core::at_least(0));
    setting("quantile_error", self.quantile_error, "Bound on the error of the quantiles",
            core::at_least(0));
  }
};

struct NormalizationStats {
  std::vector<FeatureStatistics> features;
  std::uint64_t events = 0;
};

// The statistics in the order of `names`. Throws ConfigError naming `where` (the stats file) and
// the features that it lacks.
[[nodiscard]] NormalizationStats select(const NormalizationStats& stats,
                                        std::span<const std::string> names,
                                        const std::string& where);

// The constants that a network stores: x' = (x - mean) * inv_std in float32, inv_std = fl32(1 /
// std), 1 for a constant feature.
struct NormalizationConstants {
  std::vector<float> mean, inv_std;
};
[[nodiscard]] NormalizationConstants constants(const NormalizationStats& stats);

}  // namespace stationhit::features
