// Sorts sets of keys, small ones above all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace stationhit::kernels {

// Keys that are read behind the last one; what they are does not matter.
inline constexpr std::size_t key_slack = 7;

// order[r] is the position of the key with rank r; equal keys keep their order. Made for small
// sets: every key of up to 256 is compared with every other, in vectors, which beats a sort.
void order_keys(const std::uint64_t* keys, std::span<std::uint32_t> order);

}  // namespace stationhit::kernels
