// Products in bfloat16 on VDPBF16PS. Private to the module: only for processors that have it.
#pragma once

#include <stationhit/kernels/bfloat16_product.hpp>

namespace stationhit::kernels::avx512 {

// Whether the compiler, the processor and the operating system have it.
[[nodiscard]] bool has_bfloat16();

[[nodiscard]] Bfloat16Rows round_rows(std::span<const Panel> panels, std::size_t first,
                                      std::size_t n, ConvertedRows& memory);

void multiply_bfloat16(const Bfloat16Rows& rows, const Bfloat16Weights& weights,
                       const ProductEnd& end, MatrixView<float> out);

void multiply_bfloat16(const Bfloat16Rows& rows, const Bfloat16Weights& weights,
                       MatrixView<OrderedBfloat16> out);

}  // namespace stationhit::kernels::avx512
