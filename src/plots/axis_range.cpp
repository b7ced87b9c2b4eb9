// The range follows from the finite values, on a logarithmic axis from the positive ones. A margin
// keeps points off the frame, and a linear axis starts at 0 where the values are not far from it,
// so that shares and counts are not exaggerated.
#include <algorithm>
#include <cmath>

#include <stationhit/plots/figure.hpp>

namespace stationhit::plots {

std::pair<double, double> axis_range(const Axis& axis, const std::vector<double>& values) {
  if (axis.range) return *axis.range;
  std::vector<double> shown;
  std::copy_if(values.begin(), values.end(), std::back_inserter(shown),
               [&](double v) { return std::isfinite(v) && (!axis.log || v > 0); });
  if (shown.empty()) return axis.log ? std::pair{0.1, 1.0} : std::pair{0.0, 1.0};
  const auto [low, high] = std::minmax_element(shown.begin(), shown.end());
  if (axis.log) {
    // Labels stand at whole decades: show two of them where the values span little more than one.
    if (*high < 30 * *low)
      return {std::pow(10.0, std::floor(std::log10(*low))),
              std::pow(10.0, std::floor(std::log10(*high)) + 1)};
    const double margin = std::max(0.05 * std::log10(*high / *low), 0.1);
    return {*low * std::pow(10.0, -margin), *high * std::pow(10.0, margin)};
  }
  // A single value still needs a range around it.
  const double width = *high > *low ? *high - *low : std::max(std::fabs(*high), 1.0);
  const double bottom = *low >= 0 && *low < 0.5 * *high ? 0.0 : *low - 0.06 * width;
  return {bottom, *high + 0.06 * width};
}

}  // namespace stationhit::plots
