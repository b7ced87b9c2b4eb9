// The Fourier encoding against its definition, on every instruction set.
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <stationhit/kernels/encoding.hpp>

#include "every_target.hpp"

namespace stationhit::kernels {
namespace {

class Encoding : public test::EveryTarget {};

std::vector<float> powers_of_three() {
  std::vector<float> frequencies;
  for (int scale = -6; scale <= 6; ++scale)
    frequencies.push_back(static_cast<float>(std::pow(3.0, -scale)));
  return frequencies;
}

// Signs at random, sizes from 2^least to 2^most.
std::vector<float> random_features(std::size_t n, double least, double most) {
  std::mt19937_64 engine(n);
  std::uniform_real_distribution<double> exponent(least, most);
  std::vector<float> values(n);
  for (float& value : values)
    value = static_cast<float>((engine() % 2 == 0 ? 1 : -1) * std::exp2(exponent(engine)));
  return values;
}

struct Constants {
  std::vector<float> mean, inv_std, frequencies = powers_of_three();
  float limit = 0;
  [[nodiscard]] EncodingConstants view() const { return {mean, inv_std, frequencies, limit}; }
};

Constants some_constants(std::size_t n_features) {
  Constants constants;
  for (std::size_t f = 0; f < n_features; ++f) {
    constants.mean.push_back(0.3F * static_cast<float>(f));
    constants.inv_std.push_back(1.1F / static_cast<float>(f + 1));
  }
  return constants;
}

// Largest error of sine and cosine; every operation before them rounded by itself.
double worst_error(const std::vector<float>& features, std::size_t n_features,
                   const Constants& constants, const std::vector<float>& out) {
  double worst = 0;
  const std::size_t scales = constants.frequencies.size();
  for (std::size_t i = 0; i < features.size(); ++i) {
    const std::size_t node = i / n_features, f = i % n_features;
    const volatile float difference =
        constants.mean.empty() ? features[i] : features[i] - constants.mean[f];
    const volatile float normalized =
        constants.mean.empty() ? difference : difference * constants.inv_std[f];
    for (std::size_t s = 0; s < scales; ++s) {
      const volatile float angle = normalized * constants.frequencies[s];
      const float* block = out.data() + (node * scales + s) * 2 * n_features;
      worst = std::max(worst, std::abs(block[f] - std::sin(static_cast<double>(angle))));
      worst =
          std::max(worst, std::abs(block[n_features + f] - std::cos(static_cast<double>(angle))));
    }
  }
  return worst;
}

std::vector<float> encoded(const std::vector<float>& features, std::size_t n_features,
                           const Constants& constants) {
  std::vector<float> out(2 * features.size() * constants.frequencies.size() + 1, 77);
  encode({features.data(), features.size() / n_features, n_features}, constants.view(),
         std::span(out).first(out.size() - 1));
  EXPECT_EQ(out.back(), 77) << "written beyond the end";
  out.pop_back();
  return out;
}

TEST_P(Encoding, ErrorIsBelowTheLimitForAllSizesOfFeaturesAndAngles) {
  for (const std::size_t n_features : {1U, 3U, 8U, 13U, 19U}) {
    for (const std::size_t nodes : {1U, 2U, 300U}) {
      const auto features = random_features(n_features * nodes, -20, 10);  // angles up to 7e5
      const Constants constants = some_constants(n_features);
      EXPECT_LT(
          worst_error(features, n_features, constants, encoded(features, n_features, constants)),
          1e-7)
          << n_features << ' ' << nodes;
    }
  }
}

// Several rows fit into one vector.
TEST_P(Encoding, NarrowRowsEndWithTheOutput) {
  for (const std::size_t n_features : {1U, 2U, 3U}) {
    for (const std::size_t scales : {1U, 2U}) {
      Constants constants = some_constants(n_features);
      constants.frequencies.resize(scales);
      const auto features = random_features(n_features * 11, -5, 5);
      EXPECT_LT(
          worst_error(features, n_features, constants, encoded(features, n_features, constants)),
          1e-7)
          << n_features << ' ' << scales;
    }
  }
}

TEST_P(Encoding, LargeAnglesGoToTheLibrary) {
  const auto features = random_features(std::size_t{13} * 100, 5, 40);
  const Constants constants = some_constants(13);
  EXPECT_LT(worst_error(features, 13, constants, encoded(features, 13, constants)), 1e-7);
}

TEST_P(Encoding, WorksWithoutNormalizationAndWithoutNodes) {
  const Constants constants;
  const auto features = random_features(50, -5, 5);
  EXPECT_LT(worst_error(features, 5, constants, encoded(features, 5, constants)), 1e-7);
  EXPECT_TRUE(encoded({}, 5, constants).empty());
}

TEST_P(Encoding, ValuesBeyondTheLimitBecomeTheLimit) {
  Constants constants;
  const std::vector<float> within{2.5F, -2.5F, -2.5F, 2.5F, 0, 1};
  const auto expected = encoded(within, 3, constants);
  constants.limit = 2.5F;
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(encoded({3e8F, -2.6F, -infinity, infinity, 0, 1}, 3, constants), expected);
  constants.mean = {10, 20, 0};
  constants.inv_std = {2, 0.5F, 1};
  EXPECT_EQ(encoded({3e8F, 14.9F, -4, 11.3F, 20, 1}, 3, constants), expected);
}

TEST_P(Encoding, ValuesThatAreNoNumbersPassTheLimit) {
  Constants constants;
  constants.limit = 2;
  const auto out = encoded({std::numeric_limits<float>::quiet_NaN()}, 1, constants);
  for (const float value : out) EXPECT_TRUE(std::isnan(value));
}

TEST_P(Encoding, ValuesThatAreNotFiniteStayVisible) {
  const Constants constants;
  const std::vector<float> features{1, std::numeric_limits<float>::quiet_NaN(), 2,
                                    std::numeric_limits<float>::infinity()};
  const auto out = encoded(features, 2, constants);
  for (std::size_t block = 0; block < out.size() / 2; ++block) {
    EXPECT_TRUE(std::isfinite(out[2 * block]));
    EXPECT_TRUE(std::isnan(out[2 * block + 1]));
  }
}

// The planes of a block hold what encode() gives, row by row, also where a row has angles that only
// the C library can do.
TEST_P(Encoding, PlanesOfABlock) {
  for (const std::size_t n_features : {1, 8, 13}) {
    constexpr std::size_t rows = 48;
    std::vector<float> features = random_features(rows * n_features, -20, 12);
    features[5 * n_features] = 3e8F;
    const std::vector<float> frequencies = powers_of_three();
    std::vector<float> expected(rows * n_features * 2 * frequencies.size());
    encode({features.data(), rows, n_features}, {{}, {}, frequencies, 0}, expected);
    const WaveEncoder encoder({frequencies.data(), frequencies.size(), 1}, n_features, rows);
    for (const std::size_t n : {rows, std::size_t{7}}) {
      std::vector<float> planes(2 * frequencies.size() * encoder.plane());
      features.resize(rows * n_features + 16, 0.0F);
      encoder.encode(features.data(), n, 0, frequencies.size(), planes.data());
      for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t plane = 0; plane < 2 * frequencies.size(); ++plane) {
          for (std::size_t f = 0; f < n_features; ++f) {
            ASSERT_EQ(planes[plane * encoder.plane() + i * n_features + f],
                      expected[(i * 2 * frequencies.size() + plane) * n_features + f])
                << "row " << i << ", plane " << plane;
          }
        }
      }
    }
  }
}

// Every number has a frequency of its own; only some scales are wanted.
TEST_P(Encoding, PlanesWithAFrequencyForEveryNumber) {
  constexpr std::size_t rows = 16, n_features = 3;
  const std::vector<float> frequencies = random_features(4 * n_features, -3, 3);
  const std::vector<float> features = random_features(rows * n_features, -3, 3);
  const WaveEncoder encoder({frequencies.data(), 4, n_features}, n_features, rows);
  std::vector<float> planes(4 * encoder.plane());
  encoder.encode(features.data(), rows, 1, 3, planes.data());
  for (std::size_t s = 1; s < 3; ++s) {
    for (std::size_t i = 0; i < rows * n_features; ++i) {
      const volatile float angle = features[i] * frequencies[s * n_features + i % n_features];
      ASSERT_NEAR(planes[2 * (s - 1) * encoder.plane() + i], std::sin(double{angle}), 2e-7);
      ASSERT_NEAR(planes[(2 * s - 1) * encoder.plane() + i], std::cos(double{angle}), 2e-7);
    }
  }
}

STATIONHIT_EVERY_TARGET(Encoding);

}  // namespace
}  // namespace stationhit::kernels
