// Normalization statistics of named features.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
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

// What a feature is shifted and scaled by: mean and standard deviation, or what long tails do not
// move, the median and the interquartile range as the standard deviation of the normal
// distribution that has it (IQR / 1.349). A feature whose interquartile range is not resolved by
// its histogram (more than half of its values are the same) is scaled by its standard deviation.
enum class Normalization { standard, robust };
constexpr auto names_of(Normalization) {
  return std::to_array<std::string_view>({"standard", "robust"});
}

// The constants that a network stores: x' = (x - mean) * inv_std in float32, inv_std = fl32(1 /
// std), 1 for a constant feature. Robust constants have the median and the scaled interquartile
// range in their place.
struct NormalizationConstants {
  std::vector<float> mean, inv_std;
};
[[nodiscard]] NormalizationConstants constants(const NormalizationStats& stats,
                                               Normalization normalization);

}  // namespace stationhit::features
