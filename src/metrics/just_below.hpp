// Private to the module.
#pragma once

#include <cmath>
#include <limits>

namespace stationhit::metrics {

// The largest threshold that keeps a hit of this score: a hit is kept if its score is greater.
[[nodiscard]] inline float just_below(float score) {
  return std::nextafter(score, -std::numeric_limits<float>::infinity());
}

}  // namespace stationhit::metrics
