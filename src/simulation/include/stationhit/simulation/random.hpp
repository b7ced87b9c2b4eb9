// Counter-based random numbers: the n-th number of a stream is a pure function of (seed, event,
// stream, n), so an event does not depend on the thread that makes it or on the events made before
// it.
#pragma once

#include <array>
#include <cstdint>

namespace stationhit::simulation {

// Philox4x32-10: four 32-bit words from a counter and a key. J. Salmon et al., "Parallel random
// numbers: as easy as 1, 2, 3", SC11 (2011).
[[nodiscard]] std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                                      std::array<std::uint32_t, 2> key);

// Streams of one event: each stage draws from its own, so a change of one stage leaves the random
// numbers of the others alone.
enum class Stream : std::uint32_t {
  header,
  generator,
  propagation,
  muon_hits,
  background,
  pile_up,
  electronics,
  chamber_shift  // the "event" is the number of the chamber
};

class Random {
 public:
  // Key: the seed. Counter: (running number of the block, stream, event).
  Random(std::uint64_t seed, std::uint64_t event, Stream stream);

  [[nodiscard]] std::uint32_t bits();
  [[nodiscard]] double uniform();  // in (0, 1), both ends excluded
  [[nodiscard]] double uniform(double low, double high) { return low + (high - low) * uniform(); }
  [[nodiscard]] bool chance(double probability) { return uniform() < probability; }
  // chance() that draws nothing if the probability is 0: without an effect, a sample is the same as
  // before there was the effect.
  [[nodiscard]] bool occurs(double probability) { return probability > 0 && chance(probability); }
  [[nodiscard]] std::uint32_t below(std::uint32_t n);  // 0 .. n - 1, n >= 1
  [[nodiscard]] double normal();                       // mean 0, sigma 1
  [[nodiscard]] double exponential(double mean);
  [[nodiscard]] std::uint32_t poisson(double mean);  // time grows with the mean

 private:
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> block_{};
  unsigned used_ = 4;
  double spare_normal_ = 0;
  bool has_spare_ = false;
};

}  // namespace stationhit::simulation
