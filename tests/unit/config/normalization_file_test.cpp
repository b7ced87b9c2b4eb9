#include <filesystem>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/config/load.hpp>
#include <stationhit/core/files.hpp>

namespace stationhit::config {
namespace {

using test::config_error;

class NormalizationFile : public ::testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(path_); }

  std::string error_of(const std::string& text) {
    core::write_text_file(path_, text);
    const std::string message = config_error([this] { (void)load_normalization_stats(path_); });
    return message.substr(message.find(".yaml") + 1);
  }

  static features::NormalizationStats example() {
    features::NormalizationStats stats;
    stats.events = 12;
    stats.features = {{"localX", 1234567890123ULL, 0.1, 2.0 / 3, -1e30, 1e30, 0, 3.5, 1e-7},
                      {"driftR", 1, 0, 0, 0, 0, 0, 0, 0}};
    return stats;
  }

  const std::filesystem::path path_ =
      std::filesystem::path(::testing::TempDir()) /
      (std::string("normalization_") +
       ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".yaml");
};

TEST_F(NormalizationFile, ReadsBackExactly) {
  save_normalization_stats(path_, example());
  const auto again = load_normalization_stats(path_);
  EXPECT_EQ(again.events, 12U);
  ASSERT_EQ(again.features.size(), 2U);
  const features::FeatureStatistics a = again.features[0], b = example().features[0];
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.count, b.count);
  EXPECT_EQ(a.mean, b.mean);
  EXPECT_EQ(a.std, b.std);
  EXPECT_EQ(a.min, b.min);
  EXPECT_EQ(a.max, b.max);
  EXPECT_EQ(a.iqr, b.iqr);
  EXPECT_EQ(a.quantile_error, b.quantile_error);
  EXPECT_EQ(recognize(path_), FileKind::statistics);
}

TEST_F(NormalizationFile, DamagedFiles) {
  EXPECT_NE(
      error_of("events: 3\n").find("not a statistics file, expected the keys events and features"),
      std::string::npos);
  EXPECT_NE(error_of("events: 3\nfeatures: 4\n").find("not a statistics file"), std::string::npos);
  EXPECT_NE(error_of("events: many\nfeatures: []\n").find("events: expected a whole number"),
            std::string::npos);
  EXPECT_EQ(error_of("events: 3\nfeatures:\n  - name: localX\n    count: 3\n"),
            "yaml:3: key mean is missing, expected a number");
  EXPECT_EQ(error_of("events: 3\nfeatures:\n  - {nme: localX}\n"),
            "yaml:3: features.nme: unknown key, did you mean 'features.name'?; expected one of "
            "name, count, mean, std, min, max, median, iqr, "
            "quantile_error");
  EXPECT_EQ(error_of("events: 3\nfeatures:\n  - {name: a, std: -1}\n"),
            "yaml:3: features.std: expected a number >= 0, found '-1'");
}

TEST_F(NormalizationFile, FeatureTwice) {
  features::NormalizationStats stats = example();
  stats.features.push_back(stats.features[0]);
  save_normalization_stats(path_, stats);
  EXPECT_NE(config_error([this] {
              (void)load_normalization_stats(path_);
            }).find("feature localX is there twice"),
            std::string::npos);
}

TEST_F(NormalizationFile, MissingFileIsADataErrorThatSaysHowToMakeIt) {
  EXPECT_EQ(test::data_error([&] { (void)load_normalization_stats("no/such.yaml"); }),
            "no/such.yaml: cannot be read: No such file or directory; make the statistics "
            "with `stationhit stats`, or correct normalization_stats");
}

}  // namespace
}  // namespace stationhit::config
