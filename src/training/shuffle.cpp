#include <numeric>
#include <random>
#include <utility>

#include <stationhit/training/shuffle.hpp>

namespace stationhit::training {

// SplitMix64 (Steele, Lea, Flood 2014), one step from the state that both make.
std::uint64_t mixed_seed(std::uint64_t seed, std::uint64_t number) {
  std::uint64_t state = seed + 0x9E3779B97F4A7C15ULL * (number + 1);
  state = (state ^ (state >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  state = (state ^ (state >> 27U)) * 0x94D049BB133111EBULL;
  return state ^ (state >> 31U);
}

std::vector<std::size_t> shuffled_order(std::size_t n, std::uint64_t seed, std::uint64_t epoch) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  // Fisher-Yates by hand: std::shuffle and std::seed_seq may differ between libraries, the engine
  // may not.
  std::mt19937_64 engine(seed * 0x9E3779B97F4A7C15ULL + epoch);
  for (std::size_t i = n; i > 1; --i) std::swap(order[i - 1], order[engine() % i]);
  return order;
}

}  // namespace stationhit::training
