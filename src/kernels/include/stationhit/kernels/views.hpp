// Non-owning views of matrices and of the edges of a graph, as kernels use them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <variant>

namespace stationhit::kernels {

// [rows, columns], row-major; rows start `stride` >= columns values apart.
template <class T>
struct MatrixView {
  T* data = nullptr;
  std::size_t rows = 0, columns = 0, stride = 0;

  MatrixView() = default;
  MatrixView(T* first, std::size_t n_rows, std::size_t n_columns)
      : MatrixView(first, n_rows, n_columns, n_columns) {}
  MatrixView(T* first, std::size_t n_rows, std::size_t n_columns, std::size_t row_stride)
      : data(first), rows(n_rows), columns(n_columns), stride(row_stride) {}
  // A writable view converts to a read-only one.
  operator MatrixView<const T>() const requires(!std::is_const_v<T>) {
    return {data, rows, columns, stride};
  }

  [[nodiscard]] T* row(std::size_t i) const { return data + i * stride; }
  // Columns first .. first + n - 1.
  [[nodiscard]] MatrixView columns_from(std::size_t first, std::size_t n) const {
    return {data + first, rows, n, stride};
  }
};

// Neighbor table [n_nodes, k]: the row numbers of each node's neighbors; -1 is padding and may be
// anywhere.
using NeighborTable = MatrixView<const std::int32_t>;

// Fully connected groups: the neighbors of a node are all nodes of its group, including itself. The
// nodes of group g are [offsets[g], offsets[g + 1]); offsets starts with 0 and ascends.
struct NodeGroups {
  std::span<const std::int64_t> offsets;
};

// N(i) for every node i. Groups need memory only for the nodes, never for their pairs.
using Edges = std::variant<NeighborTable, NodeGroups>;

}  // namespace stationhit::kernels
