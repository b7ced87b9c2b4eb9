// Float weights of a product -> 8-bit integers and a scale per output.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <stationhit/onnx_file/model_editor.hpp>

namespace stationhit::quantization {

struct QuantisedWeights {
  std::vector<std::int8_t> values;  // in the order of the float weights
  std::vector<float> scales;        // one per output
};

// To the nearest number in -largest..largest; the largest weight of an output becomes `largest`.
// outputs_first: the weights are [out, in], else [in, out]. smallest_scales: one per output, or
// empty.
[[nodiscard]] QuantisedWeights quantise_weights(const onnx_file::FloatTensor& weights,
                                                bool outputs_first, std::int32_t largest,
                                                std::span<const float> smallest_scales = {});

// The same with numbers and scales that keep the mean square of the error of each output, e^T C e
// with e = w - scale * q, small. C: [in, in] mean products of the inputs (about their means where a
// bias takes up the mean error), positive semidefinite. Rounding each weight by itself ignores that
// the errors of inputs that go together can cancel. For some scales around the usual one, numbers
// start at the nearest ones and change one at a time to what is best for that one, until nothing
// changes (coordinate descent; as in CDQuant, arXiv:2406.17542). Never worse than quantise_weights.
[[nodiscard]] QuantisedWeights fit_weights(const onnx_file::FloatTensor& weights,
                                           bool outputs_first, std::int32_t largest,
                                           std::span<const double> mean_products,
                                           std::span<const float> smallest_scales = {});

// Sum over the outputs of e^T C e.
[[nodiscard]] double error_of_outputs(const onnx_file::FloatTensor& weights, bool outputs_first,
                                      const QuantisedWeights& quantised,
                                      std::span<const double> mean_products);

}  // namespace stationhit::quantization
