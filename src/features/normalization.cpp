// The constants are rounded to float32 here, once. Training, exported models and kernels all
// multiply by the same stored inverse, so that they agree bit by bit.
#include <algorithm>
#include <cmath>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/features/normalization.hpp>

namespace stationhit::features {
namespace {

// 1 / std as float32, or 1 if that is not a positive finite number: for constant features and those
// that float32 cannot distinguish from constant ones.
float inverse(double std) {
  const auto inv_std = static_cast<float>(1 / std);
  return std > 0 && std::isfinite(inv_std) && inv_std > 0 ? inv_std : 1.0F;
}

// Interquartile range of the normal distribution with standard deviation 1: twice its quantile at
// 3/4.
constexpr double normal_iqr = 1.3489795003921634;

bool has_robust_scale(const FeatureStatistics& feature) {
  return feature.iqr > 2 * feature.quantile_error;
}

}  // namespace

NormalizationStats select(const NormalizationStats& stats, std::span<const std::string> names,
                          const std::string& where) {
  NormalizationStats selected{{}, stats.events};
  std::vector<std::string> missing;
  for (const std::string& name : names) {
    const auto found = std::find_if(stats.features.begin(), stats.features.end(),
                                    [&](const FeatureStatistics& f) { return f.name == name; });
    if (found == stats.features.end()) {
      missing.push_back(name);
    } else {
      selected.features.push_back(*found);
    }
  }
  if (!missing.empty())
    throw core::ConfigError(where + ": no statistics of the feature" +
                            (missing.size() > 1 ? "s " : " ") + core::join(missing) +
                            "; run `stationhit stats` with the features of this run");
  return selected;
}

NormalizationConstants constants(const NormalizationStats& stats, Normalization normalization) {
  NormalizationConstants result;
  const bool robust = normalization == Normalization::robust;
  for (const FeatureStatistics& feature : stats.features) {
    result.mean.push_back(static_cast<float>(robust ? feature.median : feature.mean));
    result.inv_std.push_back(
        inverse(robust && has_robust_scale(feature) ? feature.iqr / normal_iqr : feature.std));
  }
  return result;
}

}  // namespace stationhit::features
