// Uncertainties of measured shares.
#pragma once

#include <cstdint>

namespace stationhit::metrics {

// Central interval of one standard deviation (68.27 %).
inline constexpr double confidence_level = 0.682689492137086;

struct Interval {
  double low = 0, high = 0;
};

// Clopper-Pearson interval of the share passed / total (C. J. Clopper, E. S. Pearson, Biometrika 26
// (1934) 404): each side is missed with probability (1 - level) / 2 at most. total = 0 gives [0,
// 1]. passed <= total is asserted.
[[nodiscard]] Interval clopper_pearson(std::uint64_t passed, std::uint64_t total,
                                       double level = confidence_level);

}  // namespace stationhit::metrics
