// Angles of positions, in double precision.
#pragma once

#include <span>

namespace stationhit::kernels {

// out[i] = atan2(y[i], x[i]) in rad, [-pi, pi], rounded to float32 once: computed in double with an
// error of a few of its last bits. Signs of zeros count as in std::atan2; both arguments finite.
void azimuths(std::span<const double> y, std::span<const double> x, std::span<float> out);

// out[i] = asinh(x[i]), likewise; x finite.
void inverse_hyperbolic_sines(std::span<const double> x, std::span<float> out);

}  // namespace stationhit::kernels
