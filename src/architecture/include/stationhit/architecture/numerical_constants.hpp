// Numbers in the definition of the networks that are no setting.
#pragma once

namespace stationhit::architecture {

// Slope of the activation leaky_relu for negative arguments.
inline constexpr double leaky_relu_slope = 0.01;

// Slope of the leaky_relu of the scores of graph attention (Velickovic et al., arXiv:1710.10903).
inline constexpr double attention_slope = 0.2;

// Differences along an edge count in units of this part of the standard deviation of a feature, and
// their logarithm is taken times the second number: 0.2 for 1 % of the deviation, 1.2 for all of
// it.
inline constexpr double edge_resolution = 0.01;
inline constexpr double edge_factor = 0.25;

// Logits of two_stage: what the second stage sees gets at least the first number; what the first
// stage drops gets the second number and what its logit lacks to the threshold, at most the third
// number. All stay above the score of a hit without a node (-100).
inline constexpr float survivor_floor = -50.0F;
inline constexpr float dropped_ceiling = -51.0F;
inline constexpr float largest_lack = -48.0F;

// Added to the variance in every layer norm.
inline constexpr double norm_epsilon = 1e-5;

}  // namespace stationhit::architecture
