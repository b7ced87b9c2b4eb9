// Tensors as kernels see them.
#pragma once

#include <cstddef>
#include <cstdint>

#include <torch/types.h>

#include <stationhit/kernels/views.hpp>

namespace stationhit::models {

inline std::size_t unsigned_size(std::int64_t value) { return static_cast<std::size_t>(value); }

// Rows may be apart, values of a row not.
inline torch::Tensor with_dense_rows(const torch::Tensor& tensor) {
  return tensor.stride(1) == 1 ? tensor : tensor.contiguous();
}

// Matrices with dense rows.
template <class T>
kernels::MatrixView<const T> read(const torch::Tensor& tensor) {
  return {tensor.const_data_ptr<T>(), unsigned_size(tensor.size(0)), unsigned_size(tensor.size(1)),
          unsigned_size(tensor.stride(0))};
}

template <class T>
kernels::MatrixView<T> write(const torch::Tensor& tensor) {
  return {tensor.data_ptr<T>(), unsigned_size(tensor.size(0)), unsigned_size(tensor.size(1)),
          unsigned_size(tensor.stride(0))};
}

}  // namespace stationhit::models
