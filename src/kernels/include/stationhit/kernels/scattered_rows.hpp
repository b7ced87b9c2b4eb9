// Rows of a matrix that are anywhere in memory, for inference: where each one is stands in a list
// of pointers. Rows have padded columns (packed_product.hpp), which are added and copied too.
#pragma once

#include <cstddef>
#include <span>

#include <stationhit/kernels/views.hpp>

namespace stationhit::kernels {

// Adds every row of `rows` to as many places as there are per row, one after the other: to[i * n +
// p] += rows[i] * weights[i * n + p] with n = to.size() / rows.rows. Without weights (empty) rows
// are added as they are; a null pointer is left out.
void add_to_scattered(MatrixView<const float> rows, std::span<const float> weights,
                      std::span<float* const> to);

// out[i] = sum over p of from[i * n + p] * weights[i * n + p], in order.
void sum_scattered(std::span<const float* const> from, std::span<const float> weights,
                   MatrixView<float> out);

// Copies the first `columns` values of every row, one behind the other. Up to 15 values behind the
// last one are written.
void copy_scattered(std::span<const float* const> from, std::size_t columns, float* out);

}  // namespace stationhit::kernels
