// What the sources for single AVX-512 extensions and their substitutes share. Private to the
// module.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include <hwy/targets.h>

#include <stationhit/kernels/packed_product.hpp>

namespace stationhit::kernels {

// Whether the kernels may use AVX-512: tests restrict them to other targets.
inline bool allows_avx512() {
#if HWY_ARCH_X86
  constexpr auto avx512_and_above = (HWY_AVX3 << 1) - 1;
  return (hwy::SupportedTargets() & avx512_and_above) != 0;
#else
  return false;
#endif
}

inline std::size_t columns_of(std::span<const Panel> panels) {
  std::size_t columns = 0;
  for (const Panel& panel : panels) columns += panel.columns;
  return columns;
}

// The columns of all panels side by side, and zeros behind them.
inline void copy_row(std::span<const Panel> panels, std::size_t row, std::span<float> out) {
  float* to = out.data();
  for (const Panel& panel : panels)
    to = std::copy_n(panel.data + row * panel.stride, panel.columns, to);
  std::fill(to, out.data() + out.size(), 0.0F);
}

namespace avx512 {

// Columns of a pass of packed weights.
inline constexpr std::size_t columns_of_pass = 64;

}  // namespace avx512

}  // namespace stationhit::kernels
