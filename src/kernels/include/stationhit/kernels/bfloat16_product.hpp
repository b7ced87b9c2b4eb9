// Products in bfloat16: weights and left factor are rounded to 8 significant bits (to nearest, ties
// to even; below 2^-126 to 0), products of two such numbers are exact in float32, sums are float32.
//
// A sum starts with the bias and takes the columns of the left factor in pairs, the second of each
// pair first: so does the instruction VDPBF16PS (AVX512-BF16). Where there is none, the same sums
// are made of float32 products, so every processor gives the same bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <stationhit/kernels/aligned_buffer.hpp>
#include <stationhit/kernels/encoding.hpp>
#include <stationhit/kernels/packed_product.hpp>

namespace stationhit::kernels {

// The nearest bfloat16 as a float32.
[[nodiscard]] float round_to_bfloat16(float x);

// A bfloat16 as an integer that is the larger the larger it is: its bits, where it is negative with
// all but the sign inverted. Turning it around a second time gives the bits back.
using OrderedBfloat16 = std::int16_t;
inline constexpr OrderedBfloat16 lowest_ordered = -0x8000;  // below all numbers

// The weights [outputs, inputs], rounded, and the bias [outputs] (empty: none), which stays
// float32, of a linear layer.
class Bfloat16Weights {
 public:
  Bfloat16Weights() = default;
  Bfloat16Weights(MatrixView<const float> weight, std::span<const float> bias);

  [[nodiscard]] std::size_t inputs() const { return inputs_; }
  [[nodiscard]] std::size_t outputs() const { return outputs_; }
  [[nodiscard]] std::size_t bytes() const { return pairs_.bytes() + values_.bytes(); }
  // Whether products run on VDPBF16PS.
  [[nodiscard]] bool in_pairs() const { return pairs_.data() != nullptr; }
  // With it: the bias [padded_columns(outputs)], then the weights in passes of a few columns, each
  // [pairs of inputs, columns of the pass] with the first of a pair in the low half.
  [[nodiscard]] const std::uint32_t* pairs() const { return pairs_.data(); }
  // Without it: rounded, the columns of each pair exchanged.
  [[nodiscard]] const PackedWeights& values() const { return values_; }

 private:
  std::size_t inputs_ = 0, outputs_ = 0;
  AlignedBuffer<std::uint32_t> pairs_;
  PackedWeights values_;
};

// Whether this processor has VDPBF16PS and the kernels may use it.
[[nodiscard]] bool has_bfloat16_products();

// Rows of a left factor, rounded, in the form in which this processor multiplies them: several
// products of the same rows round them once. In the memory that it was made in.
struct Bfloat16Rows {
  MatrixView<const std::uint32_t> pairs;  // [rows, pairs of columns] where products run in pairs,
  MatrixView<const float> values;         // elsewhere [rows, columns], those of each pair exchanged
};

// The rows [first, first + n) of the panels, for these weights and others with as many inputs.
[[nodiscard]] Bfloat16Rows round_rows(std::span<const Panel> panels, std::size_t first,
                                      std::size_t n, const Bfloat16Weights& weights,
                                      ConvertedRows& memory);

// Numbers [n, F] beside their waves, contiguous as WaveEncoder::encode() takes them, between
// panels.
struct EncodedRows {
  std::span<const Panel> before;
  const WaveEncoder& waves;
  const float* numbers;
  std::span<const Panel> after;
};

// Their rows [0, n), as if the waves of all scales were panels: first the sines, then the cosines
// of each. Nothing where this is no faster than that.
[[nodiscard]] std::optional<Bfloat16Rows> round_encoded(const EncodedRows& encoded, std::size_t n,
                                                        const Bfloat16Weights& weights,
                                                        ConvertedRows& memory);

// As multiply() of packed_product.hpp, apart from the rounding.
void multiply(const Bfloat16Rows& rows, const Bfloat16Weights& weights, const ProductEnd& end,
              MatrixView<float> out);

// The product alone, a weight^T + bias, rounded again: [rows, padded_columns(outputs)]. `scratch`
// is not the memory of the rows.
void multiply(const Bfloat16Rows& rows, const Bfloat16Weights& weights, ConvertedRows& scratch,
              MatrixView<OrderedBfloat16> out);

// Rounds and multiplies a few rows after the other.
void multiply(std::span<const Panel> panels, const Bfloat16Weights& weights, const ProductEnd& end,
              ConvertedRows& scratch, MatrixView<float> out);

}  // namespace stationhit::kernels
