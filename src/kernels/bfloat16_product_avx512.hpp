// Products in bfloat16 on VDPBF16PS. Private to the module: only for processors that have it.
#pragma once

#include <stationhit/kernels/bfloat16_product.hpp>

namespace stationhit::kernels::avx512 {

// Whether the compiler, the processor and the operating system have it.
[[nodiscard]] bool has_bfloat16();

[[nodiscard]] Bfloat16Rows round_rows(std::span<const Panel> panels, std::size_t first,
                                      std::size_t n, ConvertedRows& memory);

[[nodiscard]] Bfloat16Rows round_encoded(const EncodedRows& encoded, std::size_t n,
                                         ConvertedRows& memory);

// Sines and cosines of every scale, rounded: value c of scale s of row i is to[i * stride +
// 2 s waves.numbers() + c], and up to 15 numbers behind those of a row are written.
void encode_rounded(const WaveEncoder& waves, const float* numbers, std::size_t rows,
                    std::uint16_t* to, std::size_t stride);

void multiply_bfloat16(const Bfloat16Rows& rows, const Bfloat16Weights& weights,
                       const ProductEnd& end, MatrixView<float> out);

void multiply_bfloat16(const Bfloat16Rows& rows, const Bfloat16Weights& weights,
                       MatrixView<OrderedBfloat16> out);

}  // namespace stationhit::kernels::avx512
