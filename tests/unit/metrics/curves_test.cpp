#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include <stationhit/metrics/curves.hpp>

namespace stationhit::metrics {
namespace {

RankedScores ranked_sample(std::size_t n, std::vector<float>& scores,
                           std::vector<std::uint8_t>& labels) {
  std::mt19937 random(5);
  std::normal_distribution<float> gauss;
  for (std::size_t i = 0; i < n; ++i) {
    labels.push_back(i % 50 == 0 ? 1 : 0);
    scores.push_back(gauss(random) + (i % 50 == 0 ? 3.0F : 0.0F));
  }
  return {scores, labels};
}

TEST(OperatingPoints, SmallSampleHasEveryScoreAndBothEnds) {
  const std::vector<float> scores{1, 2, 2, 3};
  const std::vector<std::uint8_t> labels{0, 1, 0, 1};
  const auto points = operating_points(RankedScores(scores, labels));
  ASSERT_EQ(points.size(), 4U);
  EXPECT_EQ(points[0].counts, (Counts{0, 0, 2, 2}));
  EXPECT_EQ(points[1].counts, (Counts{1, 0, 2, 1}));
  EXPECT_EQ(points[2].counts, (Counts{2, 1, 1, 0}));
  EXPECT_EQ(points[3].counts, (Counts{2, 2, 0, 0}));
}

TEST(OperatingPoints, LargeSampleIsThinnedAndExactAtItsPoints) {
  std::vector<float> scores;
  std::vector<std::uint8_t> labels;
  const auto points = operating_points(ranked_sample(20000, scores, labels), 500);
  EXPECT_LE(points.size(), 510U);
  EXPECT_GE(points.size(), 300U);
  for (const CurvePoint& point : points)
    EXPECT_EQ(point.counts, counts_at(scores, labels, point.threshold));
  EXPECT_EQ(points.front().counts.kept(), 0U);
  EXPECT_EQ(points.back().counts.kept(), 20000U);
  EXPECT_TRUE(std::is_sorted(points.begin(), points.end(), [](const auto& a, const auto& b) {
    return a.threshold > b.threshold;
  }));
}

TEST(OperatingPoints, AreaUnderThinnedRocIsCloseToTheExactAuc) {
  std::vector<float> scores;
  std::vector<std::uint8_t> labels;
  const RankedScores ranked = ranked_sample(20000, scores, labels);
  const auto points = operating_points(ranked, 1000);
  double area = 0;
  for (std::size_t i = 1; i < points.size(); ++i) {
    const Counts &a = points[i - 1].counts, &b = points[i].counts;
    area += (b.background_efficiency() - a.background_efficiency()) *
            (a.efficiency() + b.efficiency()) / 2;
  }
  EXPECT_NEAR(area, ranked.auc(), 3e-4);
}

TEST(OperatingPoints, OneClassOrNothingIsNoError) {
  EXPECT_TRUE(operating_points(RankedScores({}, {})).empty());
  const std::vector<float> scores{1, 2};
  const std::vector<std::uint8_t> labels{0, 0};
  EXPECT_EQ(operating_points(RankedScores(scores, labels)).size(), 3U);
}

}  // namespace
}  // namespace stationhit::metrics
