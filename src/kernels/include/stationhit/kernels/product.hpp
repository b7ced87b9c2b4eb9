// Matrix products with one short side, as in the linear layers of networks: many nodes, at most a
// few hundred columns.
#pragma once

#include <cstddef>

#include <stationhit/kernels/views.hpp>

namespace stationhit::kernels {

// The left factor [rows, columns]: value (i, k) is data[i * row_stride + k * column_stride].
struct Factor {
  const float* data = nullptr;
  std::size_t rows = 0, columns = 0, row_stride = 0, column_stride = 1;

  Factor(MatrixView<const float> matrix)
      : data(matrix.data), rows(matrix.rows), columns(matrix.columns), row_stride(matrix.stride) {}
  Factor(const float* first, std::size_t n_rows, std::size_t n_columns, std::size_t apart,
         std::size_t columns_apart)
      : data(first),
        rows(n_rows),
        columns(n_columns),
        row_stride(apart),
        column_stride(columns_apart) {}
};

inline Factor transposed(MatrixView<const float> matrix) {
  return {matrix.data, matrix.columns, matrix.rows, 1, matrix.stride};
}

// out = a b + bias, with bias [out.columns] added to every row (nullptr: no bias). out must not
// overlap the factors. Sums run over the columns of a in blocks of 128, so results are the same on
// all processors with fused multiply-add. One call runs on one thread.
void multiply(const Factor& a, MatrixView<const float> b, const float* bias, MatrixView<float> out);

}  // namespace stationhit::kernels
