// Products in int8 on VPDPBUSD. Private to the module: only for processors that have it.
#pragma once

#include <stationhit/kernels/int8_product.hpp>

namespace stationhit::kernels::avx512 {

// Whether the compiler, the processor and the operating system have it.
[[nodiscard]] bool has_vnni();

void multiply_int8(std::span<const Panel> panels, const Int8Weights& weights, const ProductEnd& end,
                   ConvertedRows& scratch, MatrixView<float> out);

}  // namespace stationhit::kernels::avx512
