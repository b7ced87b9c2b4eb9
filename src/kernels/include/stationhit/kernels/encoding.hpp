// Normalization and Fourier encoding of features in one pass.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <stationhit/kernels/views.hpp>

namespace stationhit::kernels {

struct EncodingConstants {
  std::span<const float> mean, inv_std;  // [F]; both empty: no normalization
  std::span<const float> frequencies;    // [S], float32 of base^-s
  float limit = 0;                       // > 0: x' beyond +- limit becomes it
};

// out [N, 2 F S], contiguous: for every frequency sin of all features, then cos of all features, of
//   x' = fl32(fl32(x - mean) * inv_std), within +- limit,  angle = fl32(x' * frequency),
// with every operation rounded separately. The error of sin and cos is below 1e-7; angles beyond
// 1e6 and non-finite ones use the C library.
void encode(MatrixView<const float> features, const EncodingConstants& constants,
            std::span<float> out);

// The same sines and cosines for a block of rows, for products that follow at once: every plane
// holds the sines, or the cosines, of one frequency and all rows, so that vectors run over rows and
// numbers alike.
class WaveEncoder {
 public:
  WaveEncoder() = default;
  // frequencies: [S, 1], or [S, F] for every number its own. A block has at most so many rows; rows
  // x F must be a multiple of 16.
  WaveEncoder(MatrixView<const float> frequencies, std::size_t numbers, std::size_t rows);

  [[nodiscard]] std::size_t plane() const { return rows_ * numbers_; }  // its size
  [[nodiscard]] std::size_t numbers() const { return numbers_; }        // F
  // S
  [[nodiscard]] std::size_t scales() const { return frequencies_.size() / of_scale(); }
  // Whether all numbers have the same frequency.
  [[nodiscard]] bool one_for_all() const { return one_for_all_; }
  // One frequency, or that of every number.
  [[nodiscard]] const float* frequencies(std::size_t scale) const {
    return frequencies_.data() + scale * of_scale();
  }
  // Whether no angle of these rows needs the C library.
  [[nodiscard]] bool is_fast(const float* x, std::size_t rows) const;
  // x: [rows, F], contiguous, with plane() readable values. Writes plane 2 (s - first), the sines,
  // and the next one, the cosines, of every scale s in [first, last): value (row, f) at row F + f.
  // A row of the result depends on this row only, bit for bit.
  void encode(const float* x, std::size_t rows, std::size_t first, std::size_t last,
              float* planes) const;

 private:
  [[nodiscard]] std::size_t of_scale() const { return one_for_all_ ? 1 : plane(); }

  std::size_t numbers_ = 0, rows_ = 0;
  bool one_for_all_ = true;
  std::vector<float> frequencies_;  // [S], or [S, rows, F]
  float highest_ = 0;
};

}  // namespace stationhit::kernels
