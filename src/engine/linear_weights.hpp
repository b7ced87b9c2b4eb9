// The weights of a linear layer in the form in which its products are computed.
#pragma once

#include <cstddef>
#include <span>
#include <variant>

#include <stationhit/engine/precision.hpp>
#include <stationhit/kernels/bfloat16_product.hpp>
#include <stationhit/kernels/edge_products.hpp>
#include <stationhit/kernels/int8_product.hpp>
#include <stationhit/kernels/packed_product.hpp>

#include "program.hpp"

namespace stationhit::engine {

// The rows of a block as the left factor of several products: as panels, or rounded once for
// products that are all in bfloat16. One at a time in a run.
using LeftFactor = std::variant<std::span<const kernels::Panel>, kernels::Bfloat16Rows>;

class LinearWeights {
 public:
  LinearWeights() = default;
  // weight: [outputs, inputs]; bias: [outputs], or empty for none.
  LinearWeights(ConstMatrix weight, std::span<const float> bias, Precision precision);
  explicit LinearWeights(const kernels::Int8Layer& layer) : form_(kernels::Int8Weights(layer)) {}

  [[nodiscard]] std::size_t inputs() const;
  [[nodiscard]] std::size_t outputs() const;
  [[nodiscard]] std::size_t bytes() const;

  // As kernels::multiply. Rounded rows are those of left_factor() with these weights.
  void multiply(const Run& run, const LeftFactor& left, const kernels::ProductEnd& end,
                const Matrix& out) const;
  void multiply(const Run& run, const kernels::Panel& panel, const kernels::ProductEnd& end,
                const Matrix& out) const {
    multiply(run, std::span(&panel, 1), end, out);
  }

  // As kernels::multiply_edges and kernels::add_largest_products. most: edges of any call.
  void multiply_edges(const Run& run, const kernels::EdgeList& edges,
                      const kernels::EdgeTerms& terms, const kernels::Panel& values,
                      const Matrix& out) const;
  void add_largest_products(const Run& run, const kernels::EdgeList& edges, const Matrix& rows,
                            std::size_t most, const Matrix& totals) const;

  // Null where it is not computed in bfloat16.
  [[nodiscard]] const kernels::Bfloat16Weights* in_bfloat16() const {
    return std::get_if<kernels::Bfloat16Weights>(&form_);
  }

 private:
  std::variant<kernels::PackedWeights, kernels::Bfloat16Weights, kernels::Int8Weights> form_;
};

}  // namespace stationhit::engine
