// Attention along the table of neighbors or inside groups.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "operand.hpp"

namespace stationhit::engine {

struct GraphAttentionParts {
  OperandPointer input;
  std::size_t graph = 0, heads = 1;
  Neighborhood neighborhood = Neighborhood::table;
  kernels::PackedWeights values;          // [W, W]
  kernels::PackedWeights target, source;  // [H, W]: scores a_i and b_j
  std::vector<float> bias;                // [padded columns]
  ActivationStep activation;
  std::optional<Value> after;
  Value value_rows, target_rows, source_rows, attended, out;
};

class GraphAttention : public Operation {
 public:
  explicit GraphAttention(GraphAttentionParts parts) : parts_(std::move(parts)) {}
  void run(const Run& run) const override;
  [[nodiscard]] std::size_t bytes() const override {
    return parts_.values.bytes() + parts_.target.bytes() + parts_.source.bytes();
  }

 private:
  GraphAttentionParts parts_;
};

// Queries, keys and values of all rows, and attention with them; the linear layer behind it is an
// operation of its own.
class SelfAttention : public Operation {
 public:
  // projection: [3 W, W], queries first, with their scale.
  SelfAttention(OperandPointer input, std::size_t heads, kernels::PackedWeights projection,
                const Value& projected, const Value& out)
      : input_(std::move(input)),
        heads_(heads),
        projection_(std::move(projection)),
        projected_(projected),
        out_(out) {}
  void run(const Run& run) const override;
  [[nodiscard]] std::size_t bytes() const override { return projection_.bytes(); }

 private:
  OperandPointer input_;
  std::size_t heads_;
  kernels::PackedWeights projection_;
  Value projected_, out_;
};

}  // namespace stationhit::engine
