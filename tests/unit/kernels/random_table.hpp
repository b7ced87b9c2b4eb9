// Matrices and neighbor tables for the tests of kernels.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include <stationhit/kernels/views.hpp>

namespace stationhit::test {

// Values with rows that are further apart than they are long; what lies between them must not
// change.
template <class Real>
class Matrix {
 public:
  static constexpr Real between = 77;

  Matrix(std::size_t rows, std::size_t columns, Real value = 0)
      : rows_(rows), columns_(columns), values_(rows * stride(), between) {
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t c = 0; c < columns; ++c) at(i, c) = value;
    }
  }
  Matrix(std::size_t rows, std::size_t columns, std::mt19937_64& engine) : Matrix(rows, columns) {
    std::normal_distribution<double> normal;
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t c = 0; c < columns; ++c) at(i, c) = static_cast<Real>(normal(engine));
    }
  }

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t columns() const { return columns_; }
  Real& at(std::size_t i, std::size_t c) { return values_[i * stride() + c]; }
  [[nodiscard]] const Real& at(std::size_t i, std::size_t c) const {
    return values_[i * stride() + c];
  }
  [[nodiscard]] kernels::MatrixView<Real> write() {
    return {values_.data(), rows_, columns_, stride()};
  }
  [[nodiscard]] kernels::MatrixView<const Real> read() const {
    return {values_.data(), rows_, columns_, stride()};
  }
  [[nodiscard]] bool untouched_between_rows() const {
    for (std::size_t i = 0; i < rows_; ++i) {
      for (std::size_t c = columns_; c < stride(); ++c) {
        if (values_[i * stride() + c] != between) return false;
      }
    }
    return true;
  }

 private:
  [[nodiscard]] std::size_t stride() const { return columns_ + 3; }

  std::size_t rows_, columns_;
  std::vector<Real> values_;
};

// Nodes with 0 to k neighbors, some of them twice, padding in any place.
struct RandomTable {
  std::size_t nodes, k;
  std::vector<std::int32_t> index;

  RandomTable(std::size_t n_nodes, std::size_t n_columns, std::mt19937_64& engine)
      : nodes(n_nodes), k(n_columns) {
    for (std::size_t i = 0; i < nodes; ++i) {
      const std::uint64_t degree = nodes < 2 ? 0 : engine() % (k + 1);
      for (std::size_t n = 0; n < k; ++n) {
        index.push_back(engine() % k < degree ? static_cast<std::int32_t>(engine() % nodes) : -1);
      }
    }
  }

  [[nodiscard]] kernels::NeighborTable view() const { return {index.data(), nodes, k}; }
  [[nodiscard]] std::vector<std::size_t> neighbors(std::size_t i) const {
    std::vector<std::size_t> result;
    for (std::size_t n = 0; n < k; ++n) {
      if (index[i * k + n] >= 0) result.push_back(static_cast<std::size_t>(index[i * k + n]));
    }
    return result;
  }
};

// The edges of a table that exist, node by node.
struct TableEdges {
  std::vector<std::int32_t> source, target;

  explicit TableEdges(const RandomTable& table) {
    for (std::size_t i = 0; i < table.nodes; ++i) {
      for (const std::size_t j : table.neighbors(i)) {
        source.push_back(static_cast<std::int32_t>(j));
        target.push_back(static_cast<std::int32_t>(i));
      }
    }
  }
};

// Fully connected groups of 1, 3, 2, 1, 3, 2, ... nodes with empty groups between them, the last
// one with what is left.
struct SmallGroups {
  std::size_t nodes;
  std::vector<std::int64_t> offsets{0};

  explicit SmallGroups(std::size_t n_nodes) : nodes(n_nodes) {
    for (std::size_t g = 0; offsets.back() < static_cast<std::int64_t>(nodes); ++g) {
      const auto size = static_cast<std::int64_t>(g * 2 % 3 + 1);
      offsets.push_back(std::min(offsets.back() + size, static_cast<std::int64_t>(nodes)));
      if (g % 3 == 1) offsets.push_back(offsets.back());
    }
  }

  [[nodiscard]] kernels::NodeGroups view() const { return {offsets}; }
  [[nodiscard]] std::vector<std::size_t> neighbors(std::size_t i) const {
    const auto end = std::ranges::upper_bound(offsets, static_cast<std::int64_t>(i));
    std::vector<std::size_t> result;
    for (auto j = *(end - 1); j < *end; ++j) result.push_back(static_cast<std::size_t>(j));
    return result;
  }
};

}  // namespace stationhit::test
