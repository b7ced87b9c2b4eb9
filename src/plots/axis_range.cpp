// The range follows from the finite values, on a logarithmic axis from the positive ones. A margin
// keeps points off the frame, and a linear axis starts at 0 where the values are not far from it,
// so that shares and counts are not exaggerated.
#include <algorithm>
#include <cmath>

#include <stationhit/plots/figure.hpp>

namespace stationhit::plots {
namespace {

constexpr double least_factor = 5.0 + 1e-6;  // from the lowest to the highest of a logarithmic axis

// ROOT cannot draw an axis of no width, which histograms without entries ask for.
std::pair<double, double> with_width(const std::pair<double, double>& range) {
  return range.second > range.first ? range : std::pair{range.first, range.first + 1.0};
}

}  // namespace

std::pair<double, double> axis_range(const Axis& axis, const std::vector<double>& values) {
  if (axis.range) return with_width(*axis.range);
  std::vector<double> shown;
  std::copy_if(values.begin(), values.end(), std::back_inserter(shown),
               [&](double v) { return std::isfinite(v) && (!axis.log || v > 0); });
  if (shown.empty()) return axis.log ? std::pair{0.1, 1.0} : std::pair{0.0, 1.0};
  const auto [low, high] = std::minmax_element(shown.begin(), shown.end());
  if (axis.log) {
    const double margin = std::max(0.05 * std::log10(*high / *low), 0.1);
    // A factor of 5 has two labels wherever it stands.
    const double wide = std::max(margin, 0.5 * std::log10(least_factor * *low / *high));
    return {*low * std::pow(10.0, -wide), *high * std::pow(10.0, wide)};
  }
  // A single value still needs a range around it.
  const double width = *high > *low ? *high - *low : std::max(std::fabs(*high), 1.0);
  const double bottom = *low >= 0 && *low < 0.5 * *high ? 0.0 : *low - 0.06 * width;
  return {bottom, *high + 0.06 * width};
}

}  // namespace stationhit::plots
