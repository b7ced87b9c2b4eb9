// Products with weights that do not change, for inference: the weights are packed once, and the
// activation and the sums around it are part of the product.
//
// Matrices of this header have rows whose length is padded to padded_columns(): padding is read and
// written, and its values are those that zero weights give.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <stationhit/kernels/aligned_buffer.hpp>
#include <stationhit/kernels/views.hpp>

namespace stationhit::kernels {

// Columns of a row in memory: whole vectors on every processor.
constexpr std::size_t padded_columns(std::size_t columns) {
  constexpr std::size_t longest_vector = 16;
  return (columns + longest_vector - 1) / longest_vector * longest_vector;
}

// Columns of the left factor: value (i, c) is data[i * stride + c]. Several panels are one factor
// whose columns stand side by side.
struct Panel {
  const float* data = nullptr;
  std::size_t stride = 0, columns = 0;
};

inline Panel panel_of(MatrixView<const float> matrix) {
  return {matrix.data, matrix.stride, matrix.columns};
}

// Memory for the rows of a left factor in the form in which products of fewer bits take them. It
// grows to a few rows.
using ConvertedRows = AlignedBuffer<std::uint32_t>;

// The weights [outputs, inputs] and the bias of a linear layer.
class PackedWeights {
 public:
  PackedWeights() = default;
  // bias: [outputs], or empty for none.
  PackedWeights(MatrixView<const float> weight, std::span<const float> bias);

  [[nodiscard]] std::size_t inputs() const { return inputs_; }
  [[nodiscard]] std::size_t outputs() const { return outputs_; }
  // [padded_columns(outputs)]
  [[nodiscard]] const float* bias() const { return values_.data(); }
  // In passes of a few columns: [inputs, columns of the pass].
  [[nodiscard]] const float* values() const { return values_.data() + padded_columns(outputs_); }
  [[nodiscard]] std::size_t bytes() const { return values_.bytes(); }

 private:
  std::size_t inputs_ = 0, outputs_ = 0;
  AlignedBuffer<float> values_;
};

// What happens to x = a weight^T + bias: act(x + before) + after with act(x) = max(x, slope x),
// 0 <= slope <= 1 (1: no activation). Matrices [rows, padded_columns(outputs)] or without data;
// they may be the result itself.
struct ProductEnd {
  float slope = 1;
  MatrixView<const float> before = {}, after = {};
};

// Rows [first, first + n) of a matrix; without data there are none.
template <class T>
MatrixView<T> rows_from(const MatrixView<T>& matrix, std::size_t first, std::size_t n) {
  if (matrix.data == nullptr) return {};
  return {matrix.row(first), n, matrix.columns, matrix.stride};
}
inline ProductEnd rows_from(const ProductEnd& end, std::size_t first, std::size_t n) {
  return {end.slope, rows_from(end.before, first, n), rows_from(end.after, first, n)};
}

// out [rows, padded_columns(outputs)]. The panels have weights.inputs() columns together and must
// not overlap `out`. A row of the result depends on this row of the panels only, bit for bit. One
// call runs on one thread.
void multiply(std::span<const Panel> panels, const PackedWeights& weights, const ProductEnd& end,
              MatrixView<float> out);

}  // namespace stationhit::kernels
