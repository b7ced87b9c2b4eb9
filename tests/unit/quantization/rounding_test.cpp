// Integers that fit the inputs of a product, against the nearest ones.
#include <algorithm>

#include <gtest/gtest.h>
#include <support/random_event.hpp>

#include <stationhit/quantization/rounding.hpp>

namespace stationhit::quantization {
namespace {

using onnx_file::FloatTensor;

constexpr std::int64_t n_outputs = 5, n_inputs = 24;

FloatTensor random_weights(std::uint64_t seed) {
  test::RandomValues random(seed);
  FloatTensor weights{{n_outputs, n_inputs}, {}};
  for (std::int64_t i = 0; i < n_outputs * n_inputs; ++i)
    weights.values.push_back(random.real(-1, 1));
  return weights;
}

FloatTensor transposed(const FloatTensor& weights) {
  FloatTensor result{{n_inputs, n_outputs}, std::vector<float>(weights.values.size())};
  for (std::size_t output = 0; output < n_outputs; ++output) {
    for (std::size_t input = 0; input < n_inputs; ++input)
      result.values[input * n_outputs + output] = weights.values[output * n_inputs + input];
  }
  return result;
}

// Mean products of inputs that have a common part.
std::vector<double> mean_products_of_correlated_inputs(std::uint64_t seed) {
  constexpr int rows = 200;
  test::RandomValues random(seed);
  std::vector<double> products(n_inputs * n_inputs, 0.0);
  for (int row = 0; row < rows; ++row) {
    std::vector<double> inputs;
    const double common = random.real(-2, 2);
    for (std::int64_t i = 0; i < n_inputs; ++i)
      inputs.push_back(common + double{random.real(-1, 1)});
    for (std::size_t i = 0; i < n_inputs; ++i) {
      for (std::size_t j = 0; j < n_inputs; ++j)
        products[i * n_inputs + j] += inputs[i] * inputs[j] / rows;
    }
  }
  return products;
}

TEST(FitWeights, ErrorsOfInputsThatGoTogetherCancel) {
  const FloatTensor weights{{1, 3}, {1, 0.4F / 127, 0.4F / 127}};
  const std::vector<double> equal_inputs{1, 0, 0, 0, 1, 1, 0, 1, 1};
  const QuantizedWeights nearest = quantize_weights(weights, true, 127);
  EXPECT_EQ(nearest.values, (std::vector<std::int8_t>{127, 0, 0}));
  EXPECT_NEAR(error_of_outputs(weights, true, nearest, equal_inputs), 0.8 * 0.8 / 127 / 127, 1e-8);
  const QuantizedWeights fitted = fit_weights(weights, true, 127, equal_inputs);
  EXPECT_LE(error_of_outputs(weights, true, fitted, equal_inputs), 0.21 * 0.21 / 127 / 127);
}

TEST(FitWeights, AreMuchBetterForCorrelatedInputsAndStayInTheirRange) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const FloatTensor weights = random_weights(seed);
    const std::vector<double> products = mean_products_of_correlated_inputs(seed);
    for (const std::int32_t largest : {7, 64, 127}) {
      const QuantizedWeights fitted = fit_weights(weights, true, largest, products);
      EXPECT_LT(error_of_outputs(weights, true, fitted, products),
                0.7 * error_of_outputs(weights, true, quantize_weights(weights, true, largest),
                                       products));
      EXPECT_TRUE(std::ranges::all_of(fitted.values,
                                      [&](int value) { return std::abs(value) <= largest; }));
    }
  }
}

TEST(FitWeights, AreTheSameInBothLayouts) {
  const FloatTensor weights = random_weights(4);
  const std::vector<double> products = mean_products_of_correlated_inputs(5);
  const QuantizedWeights rows = fit_weights(weights, true, 64, products),
                         columns = fit_weights(transposed(weights), false, 64, products);
  EXPECT_EQ(rows.scales, columns.scales);
  for (std::size_t output = 0; output < n_outputs; ++output) {
    for (std::size_t input = 0; input < n_inputs; ++input) {
      EXPECT_EQ(rows.values[output * n_inputs + input], columns.values[input * n_outputs + output]);
    }
  }
}

TEST(FitWeights, KeepToTheSmallestScalesAndToWeightsThatAreAllZero) {
  const FloatTensor weights{{2, 2}, {1, -1, 0, 0}};
  const std::vector<double> products{1, 0, 0, 1};
  const std::vector<float> smallest{0.5F, 0};
  const QuantizedWeights fitted = fit_weights(weights, true, 64, products, smallest);
  EXPECT_EQ(fitted.scales, (std::vector<float>{0.5F, 1}));
  EXPECT_EQ(fitted.values, (std::vector<std::int8_t>{2, -2, 0, 0}));
}

}  // namespace
}  // namespace stationhit::quantization
