#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/metrics/ranked_scores.hpp>
#include <stationhit/metrics/working_points.hpp>

namespace stationhit::metrics {
namespace {

std::string error_of(const std::vector<double>& points) {
  return test::error_of<core::ConfigError>([&] { check_working_points("working_points", points); });
}

TEST(WorkingPoints, AreIncreasingSharesBetweenZeroAndOne) {
  EXPECT_EQ(error_of({0.9, 0.97}), "");
  EXPECT_EQ(error_of(default_working_points()), "");
  const std::string expected =
      "working_points: expected shares of the signal hits, increasing, above 0 and below 1, ";
  EXPECT_EQ(error_of({}), expected + "at least one, found none");
  EXPECT_EQ(error_of({0.0}), expected + "found 0");
  EXPECT_EQ(error_of({0.9, 1.0}), expected + "found 1 after 0.9");
  EXPECT_EQ(error_of({0.9, 0.9}), expected + "found 0.9 after 0.9");
}

TEST(WorkingPoints, AreThoseOfTheThresholdsInTheFile) {
  EXPECT_EQ(working_points_of({{"0.985", 1.0F}, {"0.99", 0.5F}, {"0.995", 0.0F}}),
            default_working_points());
  EXPECT_EQ(working_points_of({{"0.97", 1.0F}, {"0.9", 2.0F}}), (std::vector<double>{0.9, 0.97}));
  EXPECT_EQ(working_points_of({}), default_working_points());
  EXPECT_EQ(in_order_of_points({{"0.9", 2.0F}, {"0.9875", 1.0F}, {"0.97", 1.5F}}),
            (std::vector<float>{2.0F, 1.5F, 1.0F}));
}

TEST(WorkingPoints, NameTheThresholds) {
  const std::vector<float> scores{1, 2, 3, 4, 0};
  const std::vector<std::uint8_t> labels{1, 1, 1, 1, 0};
  const RankedScores ranked(scores, labels);
  const std::vector<double> points{0.5, 0.75};
  const auto thresholds = working_point_thresholds(ranked, points);
  ASSERT_EQ(thresholds.size(), 2U);
  EXPECT_EQ(thresholds.at("0.5"), ranked.working_point_threshold(0.5));
  EXPECT_EQ(thresholds.at("0.75"), ranked.working_point_threshold(0.75));
}

}  // namespace
}  // namespace stationhit::metrics
