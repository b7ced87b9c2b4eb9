// Products in bfloat16 on VDPBF16PS. Private to the module: only for processors that have it.
#pragma once

#include <stationhit/kernels/bfloat16_product.hpp>

namespace stationhit::kernels::avx512 {

// Whether the compiler, the processor and the operating system have it.
[[nodiscard]] bool has_bfloat16();

void multiply_bfloat16(std::span<const Panel> panels, const Bfloat16Weights& weights,
                       const ProductEnd& end, ConvertedRows& scratch, MatrixView<float> out);

void multiply_bfloat16(std::span<const Panel> panels, const Bfloat16Weights& weights,
                       ConvertedRows& scratch, MatrixView<OrderedBfloat16> out);

}  // namespace stationhit::kernels::avx512
