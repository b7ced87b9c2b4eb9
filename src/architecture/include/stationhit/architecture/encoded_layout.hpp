// The columns of the encoded input of a network.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <stationhit/architecture/model_config.hpp>

namespace stationhit::architecture {

// How the features become the encoded input: first those that the network takes as numbers, behind
// them those that it takes as codes.
struct EncodedLayout {
  std::vector<std::int64_t> numbers, codes;  // their columns among the features
  // Columns of the encoded input for C numbers: 2 C |S| (fourier, learned, linear), C more with
  // hybrid, C without encoding; ...
  std::int64_t continuous = 0;
  std::int64_t discrete = 0;  // ... and columns for the codes

  [[nodiscard]] std::int64_t width() const { return continuous + discrete; }
};
[[nodiscard]] EncodedLayout encoded_layout(const EncodingConfig& config,
                                           const std::vector<std::string>& feature_names);

// The edge features (ModelConfig::edge_features) as places among the numbers of the layout.
[[nodiscard]] std::vector<std::int64_t> edge_columns(const ModelConfig& config,
                                                     const std::vector<std::string>& feature_names);

// The columns of the wanted features; those that are not there get the number behind the last one.
[[nodiscard]] std::vector<std::int64_t> feature_columns(
    const std::vector<std::string>& feature_names, std::span<const char* const> wanted);

// Scales of every band of edgeconv_attention: equally many; the first bands have one more where
// that cannot be.
[[nodiscard]] std::vector<std::int64_t> scales_per_band(std::int64_t scales, std::int64_t bands);

// Columns of the encoded numbers that every band of edgeconv_attention has: those of its scales.
[[nodiscard]] std::vector<std::int64_t> band_columns(const ModelConfig& config,
                                                     const EncodedLayout& layout);

}  // namespace stationhit::architecture
