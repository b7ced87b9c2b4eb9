#include <cmath>

#include <gtest/gtest.h>

#include <stationhit/simulation/distribution.hpp>

namespace stationhit::simulation {
namespace {

Distribution of(std::initializer_list<std::uint32_t> values) {
  Distribution distribution;
  for (const std::uint32_t value : values) distribution.add(value);
  return distribution;
}

TEST(Distribution, MomentsAreThoseOfThePopulation) {
  const Distribution d = of({2, 4, 4, 4, 5, 5, 7, 9});
  EXPECT_DOUBLE_EQ(d.mean(), 5);
  EXPECT_DOUBLE_EQ(d.sigma(), 2);
  EXPECT_DOUBLE_EQ(d.mean_error(), 2 / std::sqrt(8.0));
  // Fourth central moment (81 + 3 + 16 + 256) / 8 = 44.5.
  EXPECT_DOUBLE_EQ(d.sigma_error(), std::sqrt((44.5 - 16) / 8) / 4);
  EXPECT_EQ(d.min(), 2U);
  EXPECT_EQ(d.max(), 9U);
}

TEST(Distribution, AQuantileIsTheFirstValueThatReachesTheShare) {
  const Distribution d = of({9, 1, 3, 5});
  EXPECT_EQ(d.quantile(0.25), 1);
  EXPECT_EQ(d.quantile(0.26), 3);
  EXPECT_EQ(d.quantile(1.0), 9);
  EXPECT_EQ(d.quantile(0.0), 1);
  EXPECT_EQ(d.quantile_error(0.5), 2) << "quantiles 0.25 and 0.75 are 1 and 5";
}

TEST(Distribution, IsZeroWithoutValues) {
  const Distribution d;
  EXPECT_EQ(d.mean() + d.sigma() + d.mean_error() + d.sigma_error() + d.quantile(0.5) +
                d.quantile_error(0.5),
            0);
  EXPECT_EQ(d.min() + d.max(), 0U);
}

}  // namespace
}  // namespace stationhit::simulation
