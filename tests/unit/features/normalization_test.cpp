#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/features/normalization.hpp>

namespace stationhit::features {
namespace {

FeatureStatistics statistics(const std::string& name, double mean, double std) {
  FeatureStatistics feature;
  feature.name = name;
  feature.mean = mean;
  feature.std = std;
  return feature;
}

NormalizationStats example() {
  return {{statistics("localX", 1.5, 4.0), statistics("localY", -2.0, 0.3),
           statistics("driftR", 7.0, 0.0)},
          12};
}

TEST(Normalization, SelectsInTheOrderAsked) {
  const std::vector<std::string> names{"driftR", "localX"};
  const NormalizationStats selected = select(example(), names, "stats.yaml");
  ASSERT_EQ(selected.features.size(), 2U);
  EXPECT_EQ(selected.features[0].name, "driftR");
  EXPECT_EQ(selected.features[1].name, "localX");
  EXPECT_EQ(selected.features[1].mean, 1.5);
  EXPECT_EQ(selected.events, 12U);
}

TEST(Normalization, SelectNamesTheFileAndTheFeaturesItLacks) {
  const auto error_of = [](const std::vector<std::string>& names) {
    return test::config_error([&] { (void)select(example(), names, "stats.yaml"); });
  };
  EXPECT_EQ(error_of({"localX", "covX", "eta"}),
            "stats.yaml: no statistics of the features covX, eta; run `stationhit stats` with the "
            "features of this run");
  EXPECT_EQ(error_of({"covX"}),
            "stats.yaml: no statistics of the feature covX; run `stationhit stats` with the "
            "features of this run");
}

TEST(Normalization, ConstantsAreRoundedToFloat32AndOneForConstantFeatures) {
  NormalizationStats stats = example();
  stats.features.push_back(statistics("tiny", 0.0, 1e-300));
  stats.features.push_back(statistics("huge", 0.0, 1e300));
  const NormalizationConstants c = constants(stats, Normalization::standard);
  EXPECT_EQ(c.mean, (std::vector<float>{1.5F, -2.0F, 7.0F, 0.0F, 0.0F}));
  EXPECT_EQ(c.inv_std, (std::vector<float>{0.25F, static_cast<float>(1 / 0.3), 1.0F, 1.0F, 1.0F}));
}

FeatureStatistics quartiles(double median, double iqr, double quantile_error) {
  FeatureStatistics feature = statistics("covY", 300.0, 12720.0);
  feature.median = median;
  feature.iqr = iqr;
  feature.quantile_error = quantile_error;
  return feature;
}

TEST(Normalization, RobustConstantsAreTheMedianAndTheWidthOfANormalDistributionOfThatIqr) {
  const NormalizationConstants c =
      constants({{quartiles(0.012, 0.008, 7e-6)}, 12}, Normalization::robust);
  EXPECT_EQ(c.mean, (std::vector<float>{0.012F}));
  // Quantiles of the normal distribution: +-0.674490 at 1/4 and 3/4.
  EXPECT_NEAR(c.inv_std.at(0), 2 * 0.674490 / 0.008, 1e-3);
}

TEST(Normalization, AnInterquartileRangeThatIsNotResolvedLeavesTheStandardDeviation) {
  for (const double iqr : {0.0, 1e-6}) {
    const NormalizationConstants c =
        constants({{quartiles(2.0, iqr, 1e-6)}, 12}, Normalization::robust);
    EXPECT_EQ(c.mean, (std::vector<float>{2.0F}));
    EXPECT_EQ(c.inv_std, (std::vector<float>{static_cast<float>(1 / 12720.0)}));
  }
  FeatureStatistics constant = quartiles(2.0, 0.0, 0.0);
  constant.std = 0;
  EXPECT_EQ(constants({{constant}, 12}, Normalization::robust).inv_std, (std::vector<float>{1.0F}));
}

}  // namespace
}  // namespace stationhit::features
