#include <cmath>

#include <gtest/gtest.h>

#include <stationhit/metrics/intervals.hpp>

namespace stationhit::metrics {
namespace {

// P(X >= k) for X ~ binomial(n, p), summed term by term.
double upper_tail(int k, int n, double p) {
  double sum = 0;
  for (int i = k; i <= n; ++i) {
    sum += std::exp(std::lgamma(n + 1.0) - std::lgamma(i + 1.0) - std::lgamma(n - i + 1.0) +
                    i * std::log(p) + (n - i) * std::log1p(-p));
  }
  return sum;
}

TEST(ClopperPearson, BoundsHaveTheirTailProbabilities) {
  const double tail = (1 - confidence_level) / 2;
  for (const auto& [k, n] : {std::pair{1, 10}, {5, 10}, {9, 10}, {99, 100}, {37, 250}}) {
    const Interval interval = clopper_pearson(k, n);
    EXPECT_NEAR(upper_tail(k, n, interval.low), tail, 1e-9) << k << "/" << n;
    EXPECT_NEAR(1 - upper_tail(k + 1, n, interval.high), tail, 1e-9) << k << "/" << n;
  }
}

TEST(ClopperPearson, NoneAllAndNothing) {
  const double tail = (1 - confidence_level) / 2;
  EXPECT_EQ(clopper_pearson(0, 10).low, 0.0);
  EXPECT_NEAR(clopper_pearson(0, 10).high, 1 - std::pow(tail, 0.1), 1e-12);
  EXPECT_NEAR(clopper_pearson(10, 10).low, std::pow(tail, 0.1), 1e-12);
  EXPECT_EQ(clopper_pearson(10, 10).high, 1.0);
  EXPECT_EQ(clopper_pearson(0, 0).low, 0.0);
  EXPECT_EQ(clopper_pearson(0, 0).high, 1.0);
}

TEST(ClopperPearson, LargeSamplesStayAccurate) {
  const Interval interval = clopper_pearson(990'000'000, 1'000'000'000);
  const double sigma = std::sqrt(0.99 * 0.01 / 1e9);
  EXPECT_NEAR(interval.low, 0.99 - sigma, 0.01 * sigma);
  EXPECT_NEAR(interval.high, 0.99 + sigma, 0.01 * sigma);
}

}  // namespace
}  // namespace stationhit::metrics
