// A float32 model with some of its matrix products in int8: activations U8 with a zero point, weights S8 per output channel, symmetric, bias int32,
// result float32. Everything else stays as it is.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <stationhit/onnx_file/model_editor.hpp>
#include <stationhit/quantization/calibration.hpp>

namespace stationhit::quantization {

struct ActivationScale {
  float scale = 1;  // value = scale * (number - zero_point)
  std::uint8_t zero_point = 0;
};

[[nodiscard]] ActivationScale activation_scale(const Range& range, std::int32_t steps = 255);

// Largest numbers of a product: activations 0..activation, weights -weight..weight.
struct Largest {
  std::int32_t activation, weight;
};

// Without VNNI an x86 processor adds two products of 8 bits in 16, with saturation: 2 * 255 * 127 does not fit there. For target_cpu: any these are
// the ways to share what fits between activation and weight; for vnni it is 255 and 127.
[[nodiscard]] std::span<const Largest> choices(const QuantizationConfig& config);

struct QuantisedWeights {
  std::vector<std::int8_t> values;  // in the order of the float weights
  std::vector<float> scales;        // one per output
};

// Numbers in -largest..largest. outputs_first: the weights are [out, in], else [in, out]. smallest_scales: one per output, or empty.
[[nodiscard]] QuantisedWeights quantise_weights(const onnx_file::FloatTensor& weights, bool outputs_first, std::int32_t largest,
                                                std::span<const float> smallest_scales = {});

// names: products to quantise. Of the choices each product gets the one with the smallest expected error of its outputs, by the mean squares of its
// inputs, and the mean error of the rounded weights goes into its bias, by their means (static, where they are known). static: QuantizeLinear and
// DequantizeLinear around each product, which ONNX Runtime turns into integer products; activations must have their inputs. dynamic:
// DynamicQuantizeLinear and MatMulInteger: the scale is that of the whole tensor, so that a score depends on what else is in the call. Returns the
// content of the new file. Throws like find_products.
[[nodiscard]] std::string quantise(std::string_view content, const std::string& where, const Activations& activations,
                                   const std::set<std::string>& names, const QuantizationConfig& config);

}  // namespace stationhit::quantization
