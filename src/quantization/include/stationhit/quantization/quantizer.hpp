// Makes int8 files from a float32 model by quantizing some of its linear layers: U8 activations
// with a zero point, symmetric S8 weights with one scale per output channel, int32 bias, float32
// result. Everything else stays unchanged.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>

#include <stationhit/quantization/calibration.hpp>

namespace stationhit::quantization {

struct ActivationScale {
  float scale = 1;  // value = scale * (level - zero_point)
  std::uint8_t zero_point = 0;
};

[[nodiscard]] ActivationScale activation_scale(const Range& range, std::int32_t steps = 255);

// The quantized levels of a linear layer: activations 0..activation, weights -weight..weight.
struct LevelLimits {
  std::int32_t activation, weight;
};

// An x86 processor without VNNI adds two 8-bit products in 16 bits with saturation, and 2 * 255 *
// 127 overflows. For target_cpu `any` the choices are the ways to divide the available range
// between activation and weight; for `vnni` there is only 255 and 127.
[[nodiscard]] std::span<const LevelLimits> level_choices(const QuantizationConfig& config);

// Makes int8 files from one float32 file, with any subset of its linear layers quantized.
// Method `static`: QuantizeLinear and DequantizeLinear around each layer, which ONNX Runtime fuses
// into integer matrix products. If the statistics of an input are known, the layer gets the choice
// of levels with the smallest expected error of its outputs, weights rounded to suit these inputs
// (fit_weights), and the mean error of its rounded weights in its bias. Otherwise it gets the first
// choice and the nearest levels. Method `dynamic`: DynamicQuantizeLinear and MatMulInteger. The
// scale is that of the whole tensor, so a score depends on what else is in the call.
class Quantizer {
 public:
  // Rounds the weights of all layers whose activations are known, several at a time. Throws like
  // find_linear_layers.
  Quantizer(std::string content, std::string where, const Activations& activations,
            QuantizationConfig config, unsigned threads = 1);
  ~Quantizer();

  // The content of the file with these layers (by the names of their weights) in int8. Method
  // `static` requires that the activations contain their inputs.
  [[nodiscard]] std::string quantized(const std::set<std::string>& names) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stationhit::quantization
