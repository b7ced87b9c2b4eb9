#include <cmath>

#include <gtest/gtest.h>

#include <stationhit/metrics/efficiency.hpp>

namespace stationhit::metrics {
namespace {

TEST(BinnedEfficiency, EdgesBelongToTheBinAboveAndTheLastToTheLastBin) {
  const std::vector<float> values{-0.1F, 0.0F, 0.9F, 1.0F, 1.5F, 2.0F, 2.1F, std::nanf("")};
  const std::vector<std::uint8_t> passed{1, 1, 0, 1, 1, 0, 1, 1};
  const BinnedEfficiency result = binned_efficiency(values, passed, uniform_edges(2, 0, 2));
  ASSERT_EQ(result.bins.size(), 2U);
  EXPECT_EQ(result.bins[0].total, 2U);
  EXPECT_EQ(result.bins[0].passed, 1U);
  EXPECT_EQ(result.bins[1].total, 3U);
  EXPECT_EQ(result.bins[1].passed, 2U);
  EXPECT_EQ(result.outside, 3U);
  EXPECT_DOUBLE_EQ(result.bins[0].value(), 0.5);
  EXPECT_LT(result.bins[0].interval().low, 0.5);
  EXPECT_GT(result.bins[0].interval().high, 0.5);
}

TEST(BinnedEfficiency, LogarithmicEdgesHaveEqualRatios) {
  const std::vector<double> edges = logarithmic_edges(4, 0.1, 1.6);
  ASSERT_EQ(edges.size(), 5U);
  for (std::size_t i = 0; i < edges.size(); ++i)
    EXPECT_NEAR(edges[i], 0.1 * std::pow(2.0, i), 1e-12);
}

TEST(BinnedEfficiency, EmptyBinIsNaNWithFullInterval) {
  const BinnedEfficiency result = binned_efficiency({}, {}, uniform_edges(1, 0, 1));
  EXPECT_TRUE(std::isnan(result.bins[0].value()));
  EXPECT_EQ(result.bins[0].interval().low, 0.0);
  EXPECT_EQ(result.bins[0].interval().high, 1.0);
}

TEST(UniformEdges, FirstAndLastAreExact) {
  const std::vector<double> edges = uniform_edges(20, -2.7, 2.7);
  EXPECT_EQ(edges.size(), 21U);
  EXPECT_EQ(edges.front(), -2.7);
  EXPECT_EQ(edges.back(), 2.7);
}

}  // namespace
}  // namespace stationhit::metrics
