#include <gtest/gtest.h>

#include <stationhit/architecture/encoded_layout.hpp>
#include <stationhit/core/named_enum.hpp>

namespace stationhit::architecture {
namespace {

const std::vector<std::string> features{"localY", "technology", "driftR"};

TEST(EncodedLayout, ColumnsOfEveryEncodingOfTwoScales) {
  const auto width = [](EncodingType type) {
    EncodingConfig config;
    config.type = type;
    config.scales = {0, 1};
    return encoded_layout(config, features).width();
  };
  EXPECT_EQ(width(EncodingType::fourier), 2 * 3 * 2);
  EXPECT_EQ(width(EncodingType::learned), 2 * 3 * 2);
  EXPECT_EQ(width(EncodingType::linear), 2 * 3 * 2);
  EXPECT_EQ(width(EncodingType::hybrid), 3 + 2 * 3 * 2);
  EXPECT_EQ(width(EncodingType::none), 3);
}

TEST(EncodedLayout, CodesComeBehindTheNumbers) {
  EncodingConfig config;
  config.type = EncodingType::none;
  config.discrete = DiscreteEncoding::embedding;
  config.embedding_width = 5;
  const auto layout = encoded_layout(config, features);
  EXPECT_EQ(layout.numbers, (std::vector<std::int64_t>{0, 2}));
  EXPECT_EQ(layout.codes, std::vector<std::int64_t>{1});
  EXPECT_EQ(layout.continuous, 2);
  EXPECT_EQ(layout.discrete, 5);
}

TEST(EncodedLayout, FirstBandsTakeTheScalesThatDoNotDivide) {
  EXPECT_EQ(scales_per_band(13, 4), (std::vector<std::int64_t>{4, 3, 3, 3}));
  ModelConfig config;
  config.bands = 2;
  config.encoding.scales = {0, 1, 2};
  EXPECT_EQ(band_columns(config, encoded_layout(config.encoding, features)),
            (std::vector<std::int64_t>{2 * 2 * 3, 2 * 3}));
}

}  // namespace
}  // namespace stationhit::architecture
