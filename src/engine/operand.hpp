// What a linear layer reads: the rows of values, normalized or encoded, a block at a time.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <stationhit/architecture/encoded_layout.hpp>
#include <stationhit/kernels/encoding.hpp>

#include "layers.hpp"
#include "program.hpp"

namespace stationhit::engine {

class Operand {
 public:
  Operand() = default;
  Operand(const Operand&) = delete;
  Operand& operator=(const Operand&) = delete;
  virtual ~Operand() = default;

  [[nodiscard]] virtual std::size_t columns() const = 0;
  // Appends the panels of the rows [first, first + n), n <= block_rows. They are valid until the
  // scratch memory is reset.
  virtual void append(const Run& run, std::size_t first, std::size_t n,
                      std::vector<kernels::Panel>& panels) const = 0;
  // The same rows, rounded in run.memory().rounded without panels of them; nothing where that is
  // no faster.
  [[nodiscard]] virtual std::optional<kernels::Bfloat16Rows> round(
      const Run& /*run*/, std::size_t /*first*/, std::size_t /*n*/,
      const kernels::Bfloat16Weights& /*weights*/) const {
    return {};
  }
  // Whether the panels are values that exist already.
  [[nodiscard]] virtual bool is_free() const { return false; }
};

using OperandPointer = std::shared_ptr<const Operand>;

// The panels of a block, in the memory of the run.
std::span<const kernels::Panel> panels_of(const Operand& operand, const Run& run, std::size_t first,
                                          std::size_t n);

// The rows of a block for products with these weights, of which there is one at least.
[[nodiscard]] LeftFactor left_factor(const Operand& operand, const Run& run, std::size_t first,
                                     std::size_t n,
                                     std::initializer_list<const LinearWeights*> weights);

// A value as it is.
class ValueOperand : public Operand {
 public:
  explicit ValueOperand(const Value& value) : value_(value) {}
  [[nodiscard]] std::size_t columns() const override { return value_.width; }
  void append(const Run& run, std::size_t first, std::size_t n,
              std::vector<kernels::Panel>& panels) const override;
  [[nodiscard]] bool is_free() const override { return true; }

 private:
  Value value_;
};

// A value behind a layer norm.
class NormedOperand : public Operand {
 public:
  NormedOperand(const Value& value, const WeightReader& weights, const std::string& stage);
  [[nodiscard]] std::size_t columns() const override { return value_.width; }
  void append(const Run& run, std::size_t first, std::size_t n,
              std::vector<kernels::Panel>& panels) const override;

 private:
  Value value_;
  std::vector<float> weight_, bias_;
};

// Several operands side by side.
class JoinedOperand : public Operand {
 public:
  explicit JoinedOperand(std::vector<OperandPointer> parts) : parts_(std::move(parts)) {}
  [[nodiscard]] std::size_t columns() const override;
  void append(const Run& run, std::size_t first, std::size_t n,
              std::vector<kernels::Panel>& panels) const override;

 private:
  std::vector<OperandPointer> parts_;
};

// The numbers of an encoding, normalized and limited.
class NormalizedNumbers {
 public:
  // features: the raw ones that the encoding reads; selection: which of its numbers.
  NormalizedNumbers(const Value& features, const architecture::Stage& encoding,
                    const std::vector<std::string>& feature_names,
                    const std::vector<std::int64_t>& selection, const WeightReader& weights);
  [[nodiscard]] std::size_t size() const { return columns_.size(); }
  // [n, size()] without padding between the rows; a few values behind the last one are 0.
  float* of_rows(const Run& run, std::size_t first, std::size_t n) const;

 private:
  Value features_;
  std::vector<std::size_t> columns_;
  bool in_a_row_ = true;
  std::vector<float> mean_, inv_std_;
  float limit_ = 0;
};

// Columns of the encoded input.
class EncodedOperand : public Operand {
 public:
  // ranges: of the columns of the encoding; empty: all.
  EncodedOperand(const Value& features, const architecture::Stage& encoding,
                 const std::vector<architecture::ColumnRange>& ranges,
                 const std::vector<std::string>& feature_names, const WeightReader& weights);
  [[nodiscard]] std::size_t columns() const override { return n_columns_; }
  void append(const Run& run, std::size_t first, std::size_t n,
              std::vector<kernels::Panel>& panels) const override;
  [[nodiscard]] std::optional<kernels::Bfloat16Rows> round(
      const Run& run, std::size_t first, std::size_t n,
      const kernels::Bfloat16Weights& weights) const override;

 private:
  struct Codes {
    std::size_t column = 0;
    float first = 0, count = 0;
    std::size_t width = 0;
    std::vector<float> table = {};  // [count + 1, width]; empty: one-hot
  };
  struct Columns {
    std::size_t first = 0, end = 0;
  };

  void append_selected(std::span<const kernels::Panel> all,
                       std::vector<kernels::Panel>& panels) const;
  void append_waves(const Run& run, const float* numbers, std::size_t n,
                    std::vector<kernels::Panel>& all) const;
  void append_codes(const Run& run, std::size_t first, std::size_t n,
                    std::vector<kernels::Panel>& all) const;
  [[nodiscard]] bool is_read(std::size_t first, std::size_t end) const;
  [[nodiscard]] bool has_waves() const {
    return type_ != architecture::EncodingType::none && type_ != architecture::EncodingType::linear;
  }

  Value features_;
  architecture::EncodingType type_;
  NormalizedNumbers numbers_;
  std::size_t n_columns_ = 0, n_scales_ = 0;
  bool is_whole_ = false;  // all columns are read
  std::vector<Columns> ranges_;
  kernels::WaveEncoder waves_;
  LinearWeights linear_;
  std::vector<Codes> codes_;
};

}  // namespace stationhit::engine
