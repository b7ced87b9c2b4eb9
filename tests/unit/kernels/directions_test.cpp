// Angles against the C library, on every instruction set.
#include <cmath>
#include <random>
#include <vector>

#include <stationhit/kernels/directions.hpp>

#include "every_target.hpp"

namespace stationhit::kernels {
namespace {

class Directions : public test::EveryTarget {};

// Values of all sizes and signs, and zeros.
std::vector<double> some_values(std::uint64_t seed, std::size_t n) {
  std::mt19937_64 engine(seed);
  std::uniform_real_distribution<double> exponent(-8, 6);
  std::vector<double> values(n);
  for (double& value : values) {
    const double size = std::pow(10, exponent(engine));
    value = static_cast<double>(static_cast<float>(engine() % 2 == 0 ? size : -size));
  }
  for (std::size_t i = 0; i < n; i += 17) values[i] = i % 2 == 0 ? 0.0 : -0.0;
  return values;
}

// Rounded to float32, a result may differ where the double lies at the border of two floats.
void expect_rounded(const std::vector<float>& values, const std::vector<double>& expected) {
  std::size_t different = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto rounded = static_cast<float>(expected[i]);
    EXPECT_EQ(std::signbit(values[i]), std::signbit(rounded)) << i;
    EXPECT_NEAR(values[i], expected[i], 1e-7 * std::abs(expected[i])) << i;
    if (values[i] != rounded) ++different;
  }
  EXPECT_LE(different, 1U);
}

TEST_P(Directions, AzimuthsAreThoseOfTheCLibrary) {
  const std::size_t n = 100003;
  const std::vector<double> y = some_values(1, n), x = some_values(2, n);
  std::vector<double> expected(n);
  for (std::size_t i = 0; i < n; ++i) expected[i] = std::atan2(y[i], x[i]);
  std::vector<float> values(n);
  azimuths(y, x, values);
  expect_rounded(values, expected);
}

TEST_P(Directions, AzimuthsOnTheAxesKeepTheSignsOfZeros) {
  const std::vector<double> y{0.0, -0.0, 0.0, -0.0, 1.0, -1.0, 0.0, -0.0, 1.0};
  const std::vector<double> x{0.0, 0.0, -0.0, -0.0, 0.0, 0.0, -2.0, -2.0, -0.0};
  std::vector<float> values(y.size());
  azimuths(y, x, values);
  for (std::size_t i = 0; i < y.size(); ++i) {
    const auto expected = static_cast<float>(std::atan2(y[i], x[i]));
    EXPECT_EQ(values[i], expected) << y[i] << ", " << x[i];
    EXPECT_EQ(std::signbit(values[i]), std::signbit(expected)) << y[i] << ", " << x[i];
  }
}

TEST_P(Directions, InverseHyperbolicSinesAreThoseOfTheCLibrary) {
  const std::size_t n = 100003;
  const std::vector<double> x = some_values(3, n);
  std::vector<double> expected(n);
  for (std::size_t i = 0; i < n; ++i) expected[i] = std::asinh(x[i]);
  std::vector<float> values(n);
  inverse_hyperbolic_sines(x, values);
  expect_rounded(values, expected);
}

STATIONHIT_EVERY_TARGET(Directions);

}  // namespace
}  // namespace stationhit::kernels
