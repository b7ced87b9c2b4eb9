// Reproducible orders and seeds.
#include <set>

#include <gtest/gtest.h>

#include <stationhit/training/shuffle.hpp>

namespace stationhit::training {
namespace {

TEST(Shuffle, SeedsDifferByNumberAndSeed) {
  std::set<std::uint64_t> seeds;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    for (std::uint64_t number = 0; number < 30; ++number) seeds.insert(mixed_seed(seed, number));
  }
  EXPECT_EQ(seeds.size(), 900U);
}

TEST(Shuffle, IsAPermutationOfSeedAndEpoch) {
  const auto order = shuffled_order(1000, 5, 1);
  EXPECT_EQ(std::set<std::size_t>(order.begin(), order.end()).size(), 1000U);
  EXPECT_EQ(order, shuffled_order(1000, 5, 1));
  EXPECT_NE(order, shuffled_order(1000, 5, 2));
  EXPECT_NE(order, shuffled_order(1000, 6, 1));
  EXPECT_TRUE(shuffled_order(0, 1, 1).empty());
}

}  // namespace
}  // namespace stationhit::training
