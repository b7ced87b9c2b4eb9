// What sines and cosines are computed with (encoding.cpp). Private to the module.
#pragma once

namespace stationhit::kernels {

inline constexpr float two_over_pi = 0.636619772F;

// pi / 2 in three float32 parts. Below largest_fast_angle a fused multiply-add keeps the product of
// the quotient (20 bits) and the first part exactly; beyond it, and on processors without that
// instruction, the C library is used.
inline constexpr float half_pi_1 = 1.57079637F, half_pi_2 = -4.37113883e-8F,
                       half_pi_3 = -1.71512489e-15F;
inline constexpr float largest_fast_angle = 1e6F;

// Minimax polynomials on [-pi/4, pi/4] (Moshier, Cephes sinf and cosf), by power.
inline constexpr float sine_3 = -1.6666654611e-1F, sine_5 = 8.3321608736e-3F,
                       sine_7 = -1.9515295891e-4F;
inline constexpr float cosine_4 = 4.166664568298827e-2F, cosine_6 = -1.388731625493765e-3F,
                       cosine_8 = 2.443315711809948e-5F;

}  // namespace stationhit::kernels
