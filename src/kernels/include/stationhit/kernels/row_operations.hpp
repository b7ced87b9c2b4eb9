// What happens to single rows between the products, for inference. Columns are padded as in
// packed_product.hpp.
#pragma once

#include <cstddef>
#include <span>

#include <stationhit/kernels/views.hpp>

namespace stationhit::kernels {

// out_i = (x_i - mean) / sqrt(variance + epsilon) * weight + bias, with mean and variance (divided
// by C) over the C columns of the row. weight, bias: [padded columns]. Padding becomes 0.
struct NormConstants {
  std::span<const float> weight, bias;
  float epsilon = 0;
};
void normalize_rows(MatrixView<const float> x, const NormConstants& constants,
                    MatrixView<float> out);

// out = max(x, slope x) + after with x = values + before (padded columns; before or after without
// data: 0; with a stride of 0 their one row is that of all rows); matrices may be the same.
void finish_rows(MatrixView<const float> values, MatrixView<const float> before, float slope,
                 MatrixView<const float> after, MatrixView<float> out);

// In place: x / (1 + exp(-x)), and x / 2 (1 + erf(x / sqrt 2)). The values are contiguous, their
// number a multiple of 16.
void apply_silu(std::span<float> values);
void apply_gelu(std::span<float> values);

// In place: sign(x) log(1 + |x|) factor; a multiple of 16 values.
void apply_signed_logarithm(std::span<float> values, float factor);

// In place: log(1 + x), x >= 0; a multiple of 16 values.
void apply_log1p(std::span<float> values);

}  // namespace stationhit::kernels
