// The weights of a linear layer in the form in which its products are computed.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <variant>

#include <stationhit/engine/precision.hpp>
#include <stationhit/kernels/bfloat16_product.hpp>
#include <stationhit/kernels/edge_products.hpp>
#include <stationhit/kernels/int8_product.hpp>
#include <stationhit/kernels/packed_product.hpp>

#include "program.hpp"

namespace stationhit::engine {

// The rows of a block that several products take: rounded once, if they are products in bfloat16.
// One at a time in a run.
struct LeftFactor {
  std::span<const kernels::Panel> panels;
  std::optional<kernels::Bfloat16Rows> rounded = std::nullopt;
};

class LinearWeights {
 public:
  LinearWeights() = default;
  // weight: [outputs, inputs]; bias: [outputs], or empty for none.
  LinearWeights(ConstMatrix weight, std::span<const float> bias, Precision precision);
  explicit LinearWeights(const kernels::Int8Layer& layer) : form_(kernels::Int8Weights(layer)) {}

  [[nodiscard]] std::size_t inputs() const;
  [[nodiscard]] std::size_t outputs() const;
  [[nodiscard]] std::size_t bytes() const;

  // As kernels::multiply.
  void multiply(const Run& run, std::span<const kernels::Panel> panels,
                const kernels::ProductEnd& end, const Matrix& out) const;
  void multiply(const Run& run, const kernels::Panel& panel, const kernels::ProductEnd& end,
                const Matrix& out) const {
    multiply(run, {&panel, 1}, end, out);
  }

  // n rows of the panels, for these weights and others of as many inputs.
  [[nodiscard]] LeftFactor factor_of(const Run& run, std::span<const kernels::Panel> panels,
                                     std::size_t n) const;
  void multiply(const Run& run, const LeftFactor& left, const kernels::ProductEnd& end,
                const Matrix& out) const;

  // As kernels::multiply_edges and kernels::add_largest_products. most: edges of any call.
  void multiply_edges(const Run& run, const kernels::EdgeList& edges,
                      const kernels::EdgeTerms& terms, const kernels::Panel& values,
                      const Matrix& out) const;
  void add_largest_products(const Run& run, const kernels::EdgeList& edges, const Matrix& rows,
                            std::size_t most, const Matrix& totals) const;

  // Whether it is computed in bfloat16, and the product alone can be rounded to it.
  [[nodiscard]] bool is_bfloat16() const {
    return std::holds_alternative<kernels::Bfloat16Weights>(form_);
  }
  // left: of these weights.
  void multiply_rounded(const Run& run, const LeftFactor& left,
                        const MatrixView<kernels::OrderedBfloat16>& out) const {
    kernels::multiply(left.rounded.value(), std::get<kernels::Bfloat16Weights>(form_),
                      run.memory().converted, out);
  }

 private:
  std::variant<kernels::PackedWeights, kernels::Bfloat16Weights, kernels::Int8Weights> form_;
};

}  // namespace stationhit::engine
