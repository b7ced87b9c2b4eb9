// Products of matrices against sums in double precision, on every instruction set.
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include <stationhit/kernels/product.hpp>

#include "every_target.hpp"
#include "random_table.hpp"

namespace stationhit::kernels {
namespace {

using Matrix = test::Matrix<float>;

class Product : public test::EveryTarget {
 protected:
  Matrix random(std::size_t rows, std::size_t columns) { return {rows, columns, engine_}; }

 private:
  std::mt19937_64 engine_{1};
};

// The bound of the rounding error grows with the terms of a sum.
void expect_product(const Factor& a, const Matrix& b, const float* bias, const Matrix& out) {
  ASSERT_TRUE(out.untouched_between_rows());
  for (std::size_t i = 0; i < out.rows(); ++i) {
    for (std::size_t j = 0; j < out.columns(); ++j) {
      double sum = bias == nullptr ? 0 : bias[j], size = std::abs(sum);
      for (std::size_t k = 0; k < a.columns; ++k) {
        const double term =
            static_cast<double>(a.data[i * a.row_stride + k * a.column_stride]) * b.at(k, j);
        sum += term;
        size += std::abs(term);
      }
      ASSERT_NEAR(out.at(i, j), sum, 6e-8 * size * (2 + std::sqrt(static_cast<double>(a.columns))))
          << "row " << i << ", column " << j;
    }
  }
}

const std::vector<std::size_t> row_counts{0, 1, 2, 5, 6, 7, 47, 48, 50, 101},
    depths{0, 1, 3, 127, 128, 129, 300}, column_counts{1, 2, 7, 8, 15, 16, 17, 33, 64, 72, 127};

TEST_P(Product, EqualsTheSumsForAllShapes) {
  for (const auto rows : row_counts) {
    for (const auto depth : depths) {
      for (const auto columns : column_counts) {
        SCOPED_TRACE(std::to_string(rows) + " x " + std::to_string(depth) + " x " +
                     std::to_string(columns));
        const Matrix a = random(rows, depth), b = random(depth, columns);
        Matrix out = random(rows, columns);
        multiply(a.read(), b.read(), nullptr, out.write());
        expect_product(a.read(), b, nullptr, out);
      }
    }
  }
}

TEST_P(Product, AddsTheBiasToEveryRow) {
  for (const std::size_t depth : {0, 5, 300}) {
    for (const auto columns : column_counts) {
      const Matrix a = random(13, depth), b = random(depth, columns), bias = random(1, columns);
      Matrix out = random(13, columns);
      multiply(a.read(), b.read(), bias.read().data, out.write());
      expect_product(a.read(), b, bias.read().data, out);
    }
  }
}

TEST_P(Product, TakesTheLeftFactorTransposed) {
  for (const std::size_t rows : {1, 4, 64, 72}) {
    for (const auto depth : depths) {
      const Matrix a = random(depth, rows), b = random(depth, 64);
      Matrix out = random(rows, 64);
      multiply(transposed(a.read()), b.read(), nullptr, out.write());
      expect_product(transposed(a.read()), b, nullptr, out);
    }
  }
}

TEST_P(Product, RowsDoNotDependOnEachOther) {
  const Matrix a = random(50, 200), b = random(200, 72);
  Matrix together(50, 72), alone(1, 72);
  multiply(a.read(), b.read(), nullptr, together.write());
  for (std::size_t i = 0; i < a.rows(); ++i) {
    multiply(MatrixView<const float>(a.read().row(i), 1, a.columns()), b.read(), nullptr,
             alone.write());
    for (std::size_t j = 0; j < b.columns(); ++j) ASSERT_EQ(alone.at(0, j), together.at(i, j));
  }
}

STATIONHIT_EVERY_TARGET(Product);

}  // namespace
}  // namespace stationhit::kernels
