// The order of keys against a stable sort, on every instruction set.
#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

#include <stationhit/kernels/key_order.hpp>

#include "every_target.hpp"

namespace stationhit::kernels {
namespace {

class KeyOrder : public test::EveryTarget {};

TEST_P(KeyOrder, IsThatOfAStableSort) {
  std::mt19937_64 engine(9);
  for (const std::size_t n : {0, 1, 2, 7, 8, 9, 31, 64, 200, 256, 257, 1000}) {
    for (const std::uint64_t largest : {std::uint64_t{3}, ~std::uint64_t{0}}) {
      std::uniform_int_distribution<std::uint64_t> key(0, largest);
      std::vector<std::uint64_t> keys(n + key_slack);
      std::ranges::generate(keys, [&] { return key(engine); });
      std::vector<std::uint32_t> expected(n), order(n);
      std::iota(expected.begin(), expected.end(), 0U);
      std::ranges::stable_sort(expected, {}, [&](std::uint32_t i) { return keys[i]; });
      order_keys(keys.data(), order);
      EXPECT_EQ(order, expected) << n << " keys";
    }
  }
}

STATIONHIT_EVERY_TARGET(KeyOrder);

}  // namespace
}  // namespace stationhit::kernels
