// A float32 model with some of its matrix products in int8: activations U8 with a zero point,
// weights S8 per output channel, symmetric, bias int32, result float32. Everything else stays as it
// is.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>

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

// Without VNNI an x86 processor adds two products of 8 bits in 16, with saturation: 2 * 255 * 127
// does not fit there. For target_cpu: any these are the ways to share what fits between activation
// and weight; for vnni it is 255 and 127.
[[nodiscard]] std::span<const Largest> choices(const QuantizationConfig& config);

// Makes int8 files of one float32 file, with any of its products quantised.
// static: QuantizeLinear and DequantizeLinear around each product, which ONNX Runtime turns into
// integer products. Where the statistics of an input are known, each product gets the choice of
// bits with the smallest expected error of its outputs, weights that fit these inputs
// (fit_weights), and the mean error of its rounded weights in its bias; otherwise the first choice
// and the nearest numbers. dynamic: DynamicQuantizeLinear and MatMulInteger: the scale is that of
// the whole tensor, so that a score depends on what else is in the call.
class Quantiser {
 public:
  // Rounds the weights of all products whose activations are known, several at a time. Throws like
  // find_products.
  Quantiser(std::string content, std::string where, Activations activations,
            QuantizationConfig config, unsigned threads = 1);
  ~Quantiser();

  // The content of the file with these products (by the names of their weights) in int8. static:
  // activations must have their inputs.
  [[nodiscard]] std::string quantised(const std::set<std::string>& names) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stationhit::quantization
