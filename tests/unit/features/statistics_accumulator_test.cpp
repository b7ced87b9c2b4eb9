#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/features/statistics_accumulator.hpp>

#include "support/random_event.hpp"

namespace stationhit::features {
namespace {

const std::vector<std::string> names{"a", "b", "c"};

// Events of different sizes: a with a large offset, b of both signs over many orders of magnitude,
// c integer codes.
std::vector<FeatureTable> events(std::size_t n) {
  test::RandomValues random(11);
  std::vector<FeatureTable> tables;
  for (std::size_t e = 0; e < n; ++e) {
    FeatureTable& table = tables.emplace_back(FeatureTable{names, {}});
    for (auto i = random.integer(0, 200); i > 0; --i) {
      table.values.push_back(1e6F + random.real(0.0F, 4.0F));
      table.values.push_back(random.real(-1.0F, 1.5F) * std::pow(10.0F, random.real(-6.0F, 6.0F)));
      table.values.push_back(static_cast<float>(random.integer(-8, 60)));
    }
  }
  return tables;
}

std::vector<long double> column(const std::vector<FeatureTable>& tables, std::size_t feature) {
  std::vector<long double> values;
  for (const FeatureTable& table : tables)
    for (std::size_t i = feature; i < table.values.size(); i += names.size())
      values.push_back(table.values[i]);
  std::sort(values.begin(), values.end());
  return values;
}

double rank_value(const std::vector<long double>& sorted, double fraction) {
  return static_cast<double>(
      sorted[static_cast<std::size_t>(std::ceil(fraction * static_cast<double>(sorted.size()))) -
             1]);
}

NormalizationStats accumulate(const std::vector<FeatureTable>& tables) {
  StatisticsAccumulator accumulator(names);
  for (const FeatureTable& table : tables) accumulator.add(table);
  return accumulator.result();
}

TEST(Statistics, AreThoseOfAllValuesTogether) {
  const auto tables = events(300);
  const NormalizationStats stats = accumulate(tables);
  EXPECT_EQ(stats.events, 300U);
  for (std::size_t f = 0; f < names.size(); ++f) {
    const auto values = column(tables, f);
    const FeatureStatistics& feature = stats.features[f];
    long double sum = 0;
    long double squares = 0;
    for (const auto v : values) sum += v;
    const long double mean = sum / static_cast<long double>(values.size());
    for (const auto v : values) squares += (v - mean) * (v - mean);
    const auto std =
        static_cast<double>(std::sqrt(squares / static_cast<long double>(values.size())));
    EXPECT_EQ(feature.name, names[f]);
    EXPECT_EQ(feature.count, values.size());
    EXPECT_NEAR(feature.mean, static_cast<double>(mean),
                1e-12 * std::abs(static_cast<double>(mean)) + 1e-12 * std);
    EXPECT_NEAR(feature.std, std, 1e-10 * std);
    EXPECT_EQ(feature.min, static_cast<double>(values.front()));
    EXPECT_EQ(feature.max, static_cast<double>(values.back()));
  }
}

TEST(Statistics, QuantilesAreWithinTheirStatedError) {
  const auto tables = events(300);
  const NormalizationStats stats = accumulate(tables);
  for (std::size_t f = 0; f < names.size(); ++f) {
    const auto values = column(tables, f);
    const FeatureStatistics& feature = stats.features[f];
    const double lower = rank_value(values, 0.25);
    const double upper = rank_value(values, 0.75);
    EXPECT_LE(std::abs(feature.median - rank_value(values, 0.5)), feature.quantile_error);
    EXPECT_LE(std::abs(feature.iqr - (upper - lower)), 2 * feature.quantile_error);
    EXPECT_GT(feature.quantile_error, 0);
    EXPECT_LE(feature.quantile_error,
              0x1p-11 * std::max({std::abs(lower), std::abs(upper), std::abs(feature.median)}));
  }
  EXPECT_EQ(stats.features[2].median, rank_value(column(tables, 2), 0.5));
}

TEST(Statistics, MergedAreThoseOfOnePass) {
  const auto tables = events(60);
  StatisticsAccumulator all(names);
  for (std::size_t part = 0; part < 4; ++part) {
    StatisticsAccumulator some(names);
    for (std::size_t e = part; e < tables.size(); e += 4) some.add(tables[e]);
    all.merge(some);
  }
  const NormalizationStats merged = all.result();
  const NormalizationStats expected = accumulate(tables);
  EXPECT_EQ(merged.events, expected.events);
  for (std::size_t f = 0; f < names.size(); ++f) {
    EXPECT_EQ(merged.features[f].count, expected.features[f].count);
    EXPECT_NEAR(merged.features[f].mean, expected.features[f].mean,
                1e-13 * std::abs(expected.features[f].mean) + 1e-13 * expected.features[f].std);
    EXPECT_NEAR(merged.features[f].std, expected.features[f].std, 1e-11 * expected.features[f].std);
    EXPECT_EQ(merged.features[f].min, expected.features[f].min);
    EXPECT_EQ(merged.features[f].max, expected.features[f].max);
    EXPECT_EQ(merged.features[f].median, expected.features[f].median);
    EXPECT_EQ(merged.features[f].iqr, expected.features[f].iqr);
  }
}

TEST(Statistics, AConstantFeatureHasNoSpread) {
  FeatureTable table{names, {}};
  for (int i = 0; i < 1001; ++i) table.values.insert(table.values.end(), {0.1F, -7.3e8F, 0.0F});
  StatisticsAccumulator accumulator(names);
  for (int e = 0; e < 7; ++e) accumulator.add(table);
  const NormalizationStats stats = accumulator.result();
  for (std::size_t f = 0; f < names.size(); ++f) {
    EXPECT_EQ(stats.features[f].std, 0.0);
    EXPECT_EQ(stats.features[f].mean, static_cast<double>(table.values[f]));
    EXPECT_EQ(stats.features[f].iqr, 0.0);
  }
  EXPECT_EQ(constants(stats, Normalization::standard).inv_std, (std::vector<float>{1, 1, 1}));
}

TEST(Statistics, OfNothingAreZero) {
  StatisticsAccumulator accumulator(names);
  accumulator.add({names, {}});
  const NormalizationStats stats = accumulator.result();
  EXPECT_EQ(stats.events, 1U);
  EXPECT_EQ(stats.features[0].count, 0U);
  EXPECT_EQ(stats.features[0].std, 0.0);
  EXPECT_EQ(stats.features[0].median, 0.0);
}

TEST(Statistics, AValueThatIsNotFiniteIsADataError) {
  StatisticsAccumulator accumulator(names);
  EXPECT_EQ(test::data_error([&] {
              accumulator.add({names, {1, 2, 3, 4, std::numeric_limits<float>::infinity(), 6}});
            }),
            "the feature b is inf for node 1: the positions of its hit overflow float32; "
            "remove the event");
}

TEST(FloatHistogram, SpansAllFiniteFloats) {
  FloatHistogram histogram;
  for (const float v :
       {-std::numeric_limits<float>::max(), -1.0F, -0.0F, std::numeric_limits<float>::denorm_min(),
        std::numeric_limits<float>::max()})
    histogram.add(v);
  EXPECT_LT(histogram.quantile(0.2).value, -3.4e38);
  EXPECT_EQ(histogram.quantile(0.4).value, -1.0);
  EXPECT_EQ(histogram.quantile(0.6).value, 0.0);
  EXPECT_EQ(histogram.quantile(0.8).value, 0.0);
  EXPECT_GT(histogram.quantile(1.0).value, 3.4e38);
}

}  // namespace
}  // namespace stationhit::features
