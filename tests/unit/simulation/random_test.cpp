#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include <stationhit/simulation/random.hpp>

namespace stationhit::simulation {
namespace {

// Known answers published with the Random123 library (kat_vectors, philox4x32 10).
TEST(Philox, GivesThePublishedAnswers) {
  using Words = std::array<std::uint32_t, 4>;
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
            (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({~0U, ~0U, ~0U, ~0U}, {~0U, ~0U}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, DependsOnSeedEventAndStreamOnly) {
  const auto first = [](std::uint64_t seed, std::uint64_t event, Stream stream) {
    Random random(seed, event, stream);
    return std::pair(random.bits(), random.bits());
  };
  std::set<std::pair<std::uint32_t, std::uint32_t>> values;
  for (const std::uint64_t seed : {0ULL, 1ULL, 1ULL << 32U})
    for (const std::uint64_t event : {0ULL, 1ULL, 1ULL << 32U})
      for (const Stream stream : {Stream::header, Stream::background}) {
        EXPECT_EQ(first(seed, event, stream), first(seed, event, stream));
        values.insert(first(seed, event, stream));
      }
  EXPECT_EQ(values.size(), 18U);
}

// Mean and variance within 5 standard errors.
template <class Draw>
void expect_moments(double mean, double variance, double fourth_moment, Draw draw) {
  constexpr int n = 20000;
  double sum = 0, squares = 0;
  for (int i = 0; i < n; ++i) {
    const double value = draw();
    sum += value;
    squares += (value - mean) * (value - mean);
  }
  EXPECT_NEAR(sum / n, mean, 5 * std::sqrt(variance / n));
  EXPECT_NEAR(squares / n, variance, 5 * std::sqrt((fourth_moment - variance * variance) / n));
}

TEST(Random, DistributionsHaveTheirMoments) {
  Random random(7, 0, Stream::header);
  expect_moments(0.5, 1.0 / 12, 1.0 / 80, [&] { return random.uniform(); });
  expect_moments(0, 1, 3, [&] { return random.normal(); });
  expect_moments(2, 4, 9 * 16, [&] { return random.exponential(2); });
  expect_moments(3.5, 3.5, 3.5 + 3 * 3.5 * 3.5, [&] { return random.poisson(3.5); });
  expect_moments(4.5, 8.25, 120.8625, [&] { return random.below(10); });
  EXPECT_EQ(random.poisson(0), 0U);
}

}  // namespace
}  // namespace stationhit::simulation
