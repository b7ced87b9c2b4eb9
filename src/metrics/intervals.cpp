// The exact interval of C. J. Clopper and E. S. Pearson (Biometrika 26, 1934) by quantiles of the
// beta distribution; the ends are 0 and 1 where nothing or everything passed.
#include <cassert>

#include <boost/math/special_functions/beta.hpp>

#include <stationhit/metrics/intervals.hpp>

namespace stationhit::metrics {

Interval clopper_pearson(std::uint64_t passed, std::uint64_t total, double level) {
  assert(passed <= total && level > 0.0 && level < 1.0);
  const double tail = (1.0 - level) / 2.0;
  const auto k = static_cast<double>(passed);
  const auto n = static_cast<double>(total);
  Interval interval{0.0, 1.0};
  if (passed > 0) interval.low = boost::math::ibeta_inv(k, n - k + 1.0, tail);
  if (passed < total) interval.high = boost::math::ibetac_inv(k + 1.0, n - k, tail);
  return interval;
}

}  // namespace stationhit::metrics
