// Rounds the float weights of a linear layer to 8-bit integers and one scale per output.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <stationhit/onnx_file/model_editor.hpp>

namespace stationhit::quantization {

struct QuantizedWeights {
  std::vector<std::int8_t> values;  // in the order of the float weights
  std::vector<float> scales;        // one per output
};

// Rounds each weight to the nearest level in -largest..largest; the largest weight of an output
// becomes `largest`. The weights are [out, in] if outputs_first, else [in, out]. smallest_scales
// has one lower limit per output, or is empty.
[[nodiscard]] QuantizedWeights quantize_weights(const onnx_file::FloatTensor& weights,
                                                bool outputs_first, std::int32_t largest,
                                                std::span<const float> smallest_scales = {});

// Like quantize_weights, but chooses levels q and scales that make the mean square error of each
// output, e^T C e with e = w - scale * q, small. C are the second moments of the inputs, [in, in],
// positive semidefinite; they are central moments if a bias absorbs the mean error. Rounding each
// weight by itself ignores that the errors of correlated inputs can cancel. For several scales near
// the usual one, the levels start at the nearest ones and are optimized one at a time until none
// changes (coordinate descent, as in CDQuant, arXiv:2406.17542). Never worse than quantize_weights.
[[nodiscard]] QuantizedWeights fit_weights(const onnx_file::FloatTensor& weights,
                                           bool outputs_first, std::int32_t largest,
                                           std::span<const double> second_moments,
                                           std::span<const float> smallest_scales = {});

// The sum of e^T C e over the outputs.
[[nodiscard]] double error_of_outputs(const onnx_file::FloatTensor& weights, bool outputs_first,
                                      const QuantizedWeights& quantized,
                                      std::span<const double> second_moments);

}  // namespace stationhit::quantization
