// Philox4x32-10 turns a counter and a key into four random words; a stream is the sequence of
// counters 0, 1, 2, ... for one (seed, stream, event). Nothing is shared between streams, so any
// event can be made on any thread. Normal numbers use the Box-Muller method, Poisson numbers count
// exponential gaps.
#include <cmath>
#include <numbers>

#include <stationhit/simulation/random.hpp>

namespace stationhit::simulation {
namespace {

std::uint32_t low_word(std::uint64_t value) { return static_cast<std::uint32_t>(value); }
std::uint32_t high_word(std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32U); }

}  // namespace

// J. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11 (2011). Constants, number
// of rounds and order of the words are those of the paper; a test compares with its known answers.
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key) {
  constexpr std::uint64_t multiplier_0 = 0xD2511F53U, multiplier_1 = 0xCD9E8D57U;
  constexpr std::uint32_t weyl_0 = 0x9E3779B9U, weyl_1 = 0xBB67AE85U;
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product_0 = multiplier_0 * counter[0];
    const std::uint64_t product_1 = multiplier_1 * counter[2];
    counter = {high_word(product_1) ^ counter[1] ^ key[0], low_word(product_1),
               high_word(product_0) ^ counter[3] ^ key[1], low_word(product_0)};
    key[0] += weyl_0;
    key[1] += weyl_1;
  }
  return counter;
}

Random::Random(std::uint64_t seed, std::uint64_t event, Stream stream)
    : counter_{0, static_cast<std::uint32_t>(stream), low_word(event), high_word(event)},
      key_{low_word(seed), high_word(seed)} {}

std::uint32_t Random::bits() {
  if (used_ == block_.size()) {
    block_ = philox4x32(counter_, key_);
    ++counter_[0];
    used_ = 0;
  }
  return block_[used_++];
}

// The half keeps the value inside (0, 1), so logarithms are finite.
double Random::uniform() { return (static_cast<double>(bits()) + 0.5) * 0x1p-32; }

std::uint32_t Random::below(std::uint32_t n) {
  return static_cast<std::uint32_t>((std::uint64_t{bits()} * n) >> 32U);
}

double Random::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_normal_;
  }
  const double radius = std::sqrt(-2.0 * std::log(uniform()));
  const double angle = 2.0 * std::numbers::pi * uniform();
  spare_normal_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

double Random::exponential(double mean) { return -mean * std::log(uniform()); }

// O(mean), which is fine for the means of this simulation, and the same on every machine, unlike
// std::poisson_distribution.
std::uint32_t Random::poisson(double mean) {
  std::uint32_t n = 0;
  for (double sum = exponential(1.0); sum < mean; sum += exponential(1.0)) ++n;
  return n;
}

}  // namespace stationhit::simulation
