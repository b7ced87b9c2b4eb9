// What the processor could do.
#pragma once

#include <string>

namespace stationhit::kernels {

// Floating-point operations per ns of one thread that multiplies and adds in registers only, in
// float32 on the widest vectors: the best of several short measurements (0.1 s in all).
[[nodiscard]] double peak_flops_per_ns();

// The instruction set that the kernels use here ("AVX3_ZEN4").
[[nodiscard]] std::string instruction_set();

}  // namespace stationhit::kernels
