#include <cmath>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/quantization/calibration.hpp>

#include "product_models.hpp"

namespace stationhit::quantization {
namespace {

const std::string model = test::two_products({{1, 0, 0, -2}, {0, 1}, {1, 1}});

std::string message(const std::vector<inference::ModelInputs>& events,
                    const std::string& content = model) {
  return test::error_of<core::DataError>(
      [&] { (void)calibrate(content, "model.onnx", events, {}, 1); });
}

TEST(Calibration, SmallestAndLargestOfAllEventsWithZero) {
  const std::vector<inference::ModelInputs> events{test::inputs_of({3, 4, 5, 6}),
                                                   test::inputs_of({}), test::inputs_of({8, 1})};
  for (const unsigned threads : {1U, 3U}) {
    const Activations ranges = calibrate(model, "model.onnx", events, {}, threads);
    ASSERT_EQ(ranges.size(), 2U);
    EXPECT_EQ(ranges.at("features").range.low, 0);
    EXPECT_EQ(ranges.at("features").range.high, 8);
    EXPECT_EQ(ranges.at("hidden").range.low, -11);
    EXPECT_EQ(ranges.at("hidden").range.high, 8);
    EXPECT_EQ(ranges.at("features").mean, (std::vector<double>{16.0 / 3, 11.0 / 3}));
    EXPECT_EQ(ranges.at("features").second_moments,
              (std::vector<double>{98.0 / 3, 50.0 / 3, 50.0 / 3, 53.0 / 3}));
  }
}

TEST(Calibration, PercentileLeavesTailsOut) {
  std::vector<float> features;
  for (int i = 0; i < 2000; ++i) features.push_back(static_cast<float>(i % 10));
  features.push_back(4096);
  features.push_back(-4096);
  QuantizationConfig config;
  config.calibration = CalibrationRange::percentile;
  config.percentile = 99;
  const std::vector<inference::ModelInputs> events{test::inputs_of(features)};
  const Range range = calibrate(model, "model.onnx", events, config, 1).at("features").range;
  EXPECT_EQ(range.low, 0);
  EXPECT_NEAR(range.high, 10, 2);  // bins of 2
  config.percentile = 100;
  const Range full = calibrate(model, "model.onnx", events, config, 1).at("features").range;
  EXPECT_EQ(full.low, -4096);
  EXPECT_EQ(full.high, 4096);
}

TEST(Calibration, RefusesEventsThatDoNotServe) {
  EXPECT_EQ(message({}),
            "model.onnx: 0 calibration events without a hit to measure the ranges on; give a "
            "training split with hits");
  EXPECT_EQ(message({test::inputs_of({}), test::inputs_of({})}),
            "model.onnx: 2 calibration events without a hit to measure the ranges on; give a "
            "training split with hits");
  inference::ModelInputs other = test::inputs_of({1, 2, 3, 4, 5, 6});
  other.n_nodes = 2;
  EXPECT_EQ(message({test::inputs_of({1, 2}), other}),
            "model.onnx: calibration event 1 has 6 values for 2 nodes, the model takes the 2 "
            "features driftR, globZ of each; prepare the events with the "
            "features of the model");
  EXPECT_NE(message({test::inputs_of({1, INFINITY})}).find("the value features is not finite"),
            std::string::npos);
}

TEST(Calibration, RefusesADamagedFile) {
  EXPECT_NE(
      message({test::inputs_of({1, 2})}, model.substr(0, model.size() / 2)).find("model.onnx: "),
      std::string::npos);
  EXPECT_NE(message({test::inputs_of({1, 2})}, "").find("model.onnx: the file is empty"),
            std::string::npos);
}

}  // namespace
}  // namespace stationhit::quantization
