// The numbers of kernels::OrderedBfloat16, one at a time.
#pragma once

#include <bit>
#include <cstdint>

#include <stationhit/kernels/bfloat16_product.hpp>

namespace stationhit::test {

inline kernels::OrderedBfloat16 turned_around(std::int16_t bits) {
  return static_cast<kernels::OrderedBfloat16>(bits < 0 ? bits ^ 0x7FFF : bits);
}

inline kernels::OrderedBfloat16 to_ordered(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(kernels::round_to_bfloat16(x)) >> 16;
  return turned_around(static_cast<std::int16_t>(bits));
}

inline float from_ordered(kernels::OrderedBfloat16 ordered) {
  const auto bits = static_cast<std::uint16_t>(turned_around(ordered));
  return std::bit_cast<float>(std::uint32_t{bits} << 16);
}

}  // namespace stationhit::test
