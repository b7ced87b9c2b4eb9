// A network as a list of operations on values in numbered buffers.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "memory.hpp"

namespace stationhit::engine {

// A matrix [rows of its row set, width] in a buffer; without one the features of the call.
struct Value {
  int buffer = -1;
  std::size_t width = 0, row_set = 0;
};

// One call. Rows of values are padded to whole vectors; those of the features are not.
class Run {
 public:
  Run(const Inputs& inputs, Memory& memory) : inputs_(inputs), memory_(memory) {}

  [[nodiscard]] const Inputs& inputs() const { return inputs_; }
  [[nodiscard]] Memory& memory() const { return memory_; }
  [[nodiscard]] RowSetState& row_set(std::size_t number) const { return memory_.row_sets[number]; }
  [[nodiscard]] std::size_t rows(const Value& value) const {
    return memory_.row_sets[value.row_set].count;
  }
  [[nodiscard]] ConstMatrix read(const Value& value) const {
    if (value.buffer < 0) return inputs_.features;
    return view(value, memory_.buffers[static_cast<std::size_t>(value.buffer)].data());
  }
  // Without data where there is no value.
  [[nodiscard]] ConstMatrix read(const std::optional<Value>& value) const {
    return value ? read(*value) : ConstMatrix();
  }
  Matrix write(const Value& value) const {
    auto& buffer = memory_.buffers[static_cast<std::size_t>(value.buffer)];
    return view(value, buffer.reserve(rows(value) * kernels::padded_columns(value.width)));
  }

 private:
  [[nodiscard]] Matrix view(const Value& value, float* data) const {
    return {data, rows(value), value.width, kernels::padded_columns(value.width)};
  }

  const Inputs& inputs_;
  Memory& memory_;
};

using kernels::rows_from;

// Calls step(first, n) for blocks of rows, each with empty scratch memory.
template <class Step>
void for_blocks(const Run& run, std::size_t rows, const Step& step) {
  for (std::size_t first = 0; first < rows; first += block_rows) {
    run.memory().scratch.reset();
    step(first, std::min(block_rows, rows - first));
  }
}

class Operation {
 public:
  Operation() = default;
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;
  virtual ~Operation() = default;
  virtual void run(const Run& run) const = 0;
  // Of its packed weights.
  [[nodiscard]] virtual std::size_t bytes() const { return 0; }
};

}  // namespace stationhit::engine
