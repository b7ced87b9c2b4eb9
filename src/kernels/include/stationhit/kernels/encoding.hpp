// Normalization and Fourier encoding of features in one pass.
#pragma once

#include <span>

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

}  // namespace stationhit::kernels
