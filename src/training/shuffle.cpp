#include <numeric>
#include <random>
#include <utility>

#include <stationhit/training/shuffle.hpp>

namespace stationhit::training {

std::vector<std::size_t> shuffled_order(std::size_t n, std::uint64_t seed, std::uint64_t epoch) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  // Fisher-Yates by hand: std::shuffle and std::seed_seq may differ between libraries, the engine may not.
  std::mt19937_64 engine(seed * 0x9E3779B97F4A7C15ULL + epoch);
  for (std::size_t i = n; i > 1; --i) std::swap(order[i - 1], order[engine() % i]);
  return order;
}

}  // namespace stationhit::training
