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
  LinearWeights values;          // [W, W]
  LinearWeights target, source;  // [H, W]: scores a_i and b_j
  std::vector<float> bias;       // [padded columns]
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

struct SelfAttentionParts {
  OperandPointer input;
  std::size_t heads = 1;
  // Queries (with their scale), keys and values: [3 W, W], or three times [W, W].
  std::vector<LinearWeights> projections;
  LinearWeights last;  // [W, W]
  std::optional<Value> after;
  Value out;
};

// Whole groups go through all of it together, a few at a time, so that queries, keys and values
// stay in the second-level cache.
class SelfAttention : public Operation {
 public:
  explicit SelfAttention(SelfAttentionParts parts) : parts_(std::move(parts)) {}
  void run(const Run& run) const override;
  [[nodiscard]] std::size_t bytes() const override;

 private:
  void run_groups(const Run& run, std::span<const std::int64_t> offsets) const;

  SelfAttentionParts parts_;
};

}  // namespace stationhit::engine
