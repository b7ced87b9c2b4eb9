// Operations on every row by itself.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "operand.hpp"

namespace stationhit::engine {

struct Layer {
  LinearWeights weights;
  ActivationStep activation;
};

// Linear layers one behind the other, of which only the last leaves the cache, and a residual sum.
class RowLayers : public Operation {
 public:
  // after: what is added at the end, or null.
  RowLayers(OperandPointer input, std::vector<Layer> layers, std::optional<Value> after,
            const Value& out)
      : input_(std::move(input)), layers_(std::move(layers)), after_(after), out_(out) {}
  void run(const Run& run) const override;
  [[nodiscard]] std::size_t bytes() const override;

 private:
  OperandPointer input_;
  std::vector<Layer> layers_;
  std::optional<Value> after_;
  Value out_;
};

// Values side by side.
class Concatenation : public Operation {
 public:
  Concatenation(std::vector<Value> parts, const Value& out) : parts_(std::move(parts)), out_(out) {}
  void run(const Run& run) const override;

 private:
  std::vector<Value> parts_;
  Value out_;
};

}  // namespace stationhit::engine
