// Reproducible orders and seeds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace stationhit::training {

// A random permutation of 0 .. n - 1 that depends on its arguments only, on every machine.
[[nodiscard]] std::vector<std::size_t> shuffled_order(std::size_t n, std::uint64_t seed,
                                                      std::uint64_t epoch);

// A seed of its own for every number (epoch, event) under one seed.
[[nodiscard]] std::uint64_t mixed_seed(std::uint64_t seed, std::uint64_t number);

}  // namespace stationhit::training
