// Fewer groups without signal, the same loss on average.
#pragma once

#include <cstdint>

#include "sample.hpp"

namespace stationhit::training {

// Keeps every group that has a signal node and each of the others with probability `share` (0 <
// share <= 1), whose nodes then weigh 1/share: an estimate without bias of every sum over nodes
// (Horvitz and Thompson, 1952). Nodes, groups and neighbors keep their order. Most buckets of an
// event hold background only and teach little, so that a small share makes a step several times
// cheaper. The choice depends on `seed` only.
[[nodiscard]] Sample thin_background(const Sample& sample, double share, std::uint64_t seed);

}  // namespace stationhit::training
