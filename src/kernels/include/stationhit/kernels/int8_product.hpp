// Products in int8 with the rules of ONNX (QuantizeLinear, DequantizeLinear): the left factor is
// rounded to levels of 8 bits without sign, weights have 8 bits with sign, sums are exact integers
// on every processor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <stationhit/kernels/aligned_buffer.hpp>
#include <stationhit/kernels/packed_product.hpp>

namespace stationhit::kernels {

// A linear layer of which only integers and scales are known.
struct Int8Layer {
  std::size_t inputs = 0, outputs = 0;
  // A number x of the left factor has the level round(x / scale) + zero_point (ties to even),
  // within 0 .. largest_level.
  float scale = 1;
  std::int32_t zero_point = 0, largest_level = 255;
  std::vector<std::int8_t> weights = {};  // [outputs, inputs]
  std::vector<float> weight_scales = {};  // [outputs]
  std::vector<std::int32_t> bias = {};  // [outputs], in units of scale x weight scale; empty: none
};

class Int8Weights {
 public:
  Int8Weights() = default;
  explicit Int8Weights(const Int8Layer& layer);

  [[nodiscard]] std::size_t inputs() const { return inputs_; }
  [[nodiscard]] std::size_t outputs() const { return outputs_; }
  [[nodiscard]] std::size_t bytes() const { return groups_.bytes() + scales_.bytes(); }

  [[nodiscard]] float scale() const { return scale_; }
  [[nodiscard]] std::int32_t zero_point() const { return zero_point_; }
  [[nodiscard]] std::int32_t largest_level() const { return largest_level_; }
  // Whether products run on VPDPBUSD (AVX512-VNNI) and weights stand in groups of 4 bytes, else of
  // 2 numbers of 16 bits.
  [[nodiscard]] bool in_quads() const { return in_quads_; }
  // [padded_columns(outputs)]: what a sum of levels times weights starts with, the bias without
  // what the zero point adds; and what makes it a float32.
  [[nodiscard]] const std::int32_t* starts() const {
    return reinterpret_cast<const std::int32_t*>(groups_.data());
  }
  [[nodiscard]] const float* scales() const { return scales_.data(); }
  // In passes of a few columns: [groups of inputs, columns of the pass].
  [[nodiscard]] const std::uint32_t* groups() const {
    return groups_.data() + padded_columns(outputs_);
  }

 private:
  std::size_t inputs_ = 0, outputs_ = 0;
  float scale_ = 1;
  std::int32_t zero_point_ = 0, largest_level_ = 255;
  bool in_quads_ = false;
  AlignedBuffer<std::uint32_t> groups_;
  AlignedBuffer<float> scales_;
};

// Whether this processor has VPDPBUSD and the kernels may use it.
[[nodiscard]] bool has_int8_products();

// As multiply() of packed_product.hpp for the product
//   (sum over inputs of (level - zero_point) weight + bias) fl32(scale weight_scale).
void multiply(std::span<const Panel> panels, const Int8Weights& weights, const ProductEnd& end,
              ConvertedRows& scratch, MatrixView<float> out);

}  // namespace stationhit::kernels
