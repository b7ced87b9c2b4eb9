// Matrices whose rows are padded to whole vectors, as the kernels of inference use them.
#pragma once

#include <random>
#include <vector>

#include <stationhit/kernels/packed_product.hpp>

namespace stationhit::test {

class PaddedMatrix {
 public:
  PaddedMatrix(std::size_t rows, std::size_t columns)
      : rows_(rows),
        columns_(columns),
        values_(rows * stride() + kernels::AlignedBuffer<float>::slack, 0.0F) {}
  PaddedMatrix(std::size_t rows, std::size_t columns, std::mt19937_64& engine)
      : PaddedMatrix(rows, columns) {
    std::normal_distribution<float> normal;
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t c = 0; c < columns; ++c) at(i, c) = normal(engine);
  }

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t columns() const { return columns_; }
  float& at(std::size_t i, std::size_t c) { return values_[i * stride() + c]; }
  [[nodiscard]] float at(std::size_t i, std::size_t c) const { return values_[i * stride() + c]; }
  [[nodiscard]] kernels::MatrixView<float> write() {
    return {values_.data(), rows_, columns_, stride()};
  }
  [[nodiscard]] kernels::MatrixView<const float> read() const {
    return {values_.data(), rows_, columns_, stride()};
  }
  bool operator==(const PaddedMatrix&) const = default;

 private:
  [[nodiscard]] std::size_t stride() const { return kernels::padded_columns(columns_); }

  std::size_t rows_, columns_;
  std::vector<float> values_;
};

// The parts side by side, as one left factor.
inline std::vector<kernels::Panel> panels_of(const std::vector<PaddedMatrix>& parts) {
  std::vector<kernels::Panel> panels;
  for (const PaddedMatrix& part : parts) panels.push_back(kernels::panel_of(part.read()));
  return panels;
}

inline std::vector<float> random_values(std::size_t n, std::mt19937_64& engine) {
  std::normal_distribution<float> normal;
  std::vector<float> values(n);
  for (float& value : values) value = normal(engine);
  return values;
}

}  // namespace stationhit::test
