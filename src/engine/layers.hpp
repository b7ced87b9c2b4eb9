// Weights of a file by name, and linear layers made of them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <stationhit/architecture/model_config.hpp>

#include "linear_weights.hpp"

namespace stationhit::engine {

class WeightReader {
 public:
  explicit WeightReader(const Weights& weights, Precision precision = Precision::float32)
      : weights_(weights), precision_(precision) {}

  [[nodiscard]] bool has(const std::string& name) const { return weights_.contains(name); }
  // Throws std::invalid_argument naming the tensor if it is missing or has another number of
  // values.
  [[nodiscard]] std::span<const float> at(const std::string& name, std::size_t size) const;
  [[nodiscard]] ConstMatrix matrix(const std::string& name, std::size_t rows,
                                   std::size_t columns) const;
  // [padded columns]
  [[nodiscard]] std::vector<float> padded(const std::string& name, std::size_t size) const;
  // The layer of the tensors `weight` [out, in] and `bias` [out] (empty: none), in int8 if the file
  // has it so.
  [[nodiscard]] LinearWeights layer(const std::string& weight, const std::string& bias,
                                    std::size_t in, std::size_t out) const;
  [[nodiscard]] bool is_int8(const std::string& weight) const {
    return tensor(weight).in_int8.has_value();
  }
  // Of <name>.weight and <name>.bias.
  [[nodiscard]] LinearWeights linear(const std::string& name, std::size_t in,
                                     std::size_t out) const {
    return layer(name + ".weight", name + ".bias", in, out);
  }
  // <name> [out, in], or <name>_transposed [in, out], without a bias.
  [[nodiscard]] LinearWeights either_way(const std::string& name, std::size_t in,
                                         std::size_t out) const;
  // Of these numbers: [out, in] and [out] (empty: none).
  [[nodiscard]] LinearWeights packed(ConstMatrix weight, std::span<const float> bias = {}) const {
    return {weight, bias, precision_};
  }

 private:
  [[nodiscard]] const Weight& tensor(const std::string& name) const;

  const Weights& weights_;
  Precision precision_;
};

// An activation, or none.
class ActivationStep {
 public:
  ActivationStep() = default;
  ActivationStep(std::optional<architecture::Activation> activation);  // NOLINT(*-explicit-*)

  // Whether it is max(x, slope x), which products do on the way.
  [[nodiscard]] bool is_slope() const { return !curved_; }
  [[nodiscard]] float slope() const { return curved_ ? 1 : slope_; }
  // The rest of it: nothing for a slope. Rows of x lie one behind the other.
  void apply(const Matrix& x) const;

 private:
  std::optional<architecture::Activation> curved_;
  float slope_ = 1;
};

// act(left weight^T + bias) + after, which may be the result itself.
void run_layer(const Run& run, const LeftFactor& left, const LinearWeights& weights,
               const ActivationStep& activation, const ConstMatrix& after, const Matrix& out);

}  // namespace stationhit::engine
