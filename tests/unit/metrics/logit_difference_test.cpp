#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include <stationhit/metrics/logit_difference.hpp>
#include <stationhit/metrics/ranked_scores.hpp>

namespace stationhit::metrics {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

TEST(LogitDifference, IsRelativeToLargeLogitsAndAbsoluteForSmallOnes) {
  LogitDifference small;
  small.add(0.25, 0.5);
  EXPECT_DOUBLE_EQ(small.largest_relative, 0.25);
  LogitDifference large;
  large.add(-10.5, -10);
  EXPECT_DOUBLE_EQ(large.largest_absolute, 0.5);
  EXPECT_DOUBLE_EQ(large.largest_relative, 0.05);
}

TEST(LogitDifference, KeepsTheLargestOfAllPairs) {
  LogitDifference difference;
  difference.add(std::vector<float>{1, 2, 3}, std::vector<float>{1, 2.5F, 3});
  difference.add(std::vector<float>{4}, std::vector<float>{4});
  EXPECT_DOUBLE_EQ(difference.largest_absolute, 0.5);
  EXPECT_EQ(difference.compared, 4);
}

TEST(LogitDifference, HasARootMeanSquare) {
  LogitDifference difference;
  EXPECT_EQ(difference.rms(), 0);
  difference.add(std::vector<float>{1, 2, 3, 4}, std::vector<float>{4, 6, 3, 4});
  EXPECT_DOUBLE_EQ(difference.rms(), 2.5);
}

TEST(LogitDifference, ANumberThatOnlyOneBackendGivesIsInfinitelyFar) {
  LogitDifference difference;
  difference.add(infinity, infinity);
  EXPECT_DOUBLE_EQ(difference.largest_relative, 0);
  difference.add(nan, 1);
  EXPECT_EQ(difference.largest_relative, infinity);
}

// A plateau of hits at the threshold: what another backend gives for it is above the lowered one.
TEST(BelowRounding, HitsWithTheLogitOfTheLastOnePassInEveryBackend) {
  for (const float plateau : {-40.0F, -0.3F, 0.0F, 7.0F}) {
    const std::vector<float> scores{plateau - 1, plateau, plateau, plateau, plateau + 1};
    const float threshold = working_point_threshold(scores, std::vector<std::uint8_t>(5, 1), 0.6);
    EXPECT_EQ(counts_at(scores, std::vector<std::uint8_t>(5, 1), threshold).kept(), 4);
    const float lowered = below_rounding(threshold);
    EXPECT_EQ(counts_at(scores, std::vector<std::uint8_t>(5, 1), lowered).kept(), 4);
    const float of_another = plateau - 5e-5F * std::max(1.0F, std::abs(plateau));
    EXPECT_LT(of_another, threshold);
    EXPECT_GT(of_another, lowered);
  }
}

}  // namespace
}  // namespace stationhit::metrics
