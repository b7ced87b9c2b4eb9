#include "layers.hpp"

#include <algorithm>
#include <stdexcept>

#include <stationhit/architecture/numerical_constants.hpp>
#include <stationhit/kernels/row_operations.hpp>

namespace stationhit::engine {

using architecture::Activation;

const Weight& WeightReader::tensor(const std::string& name) const {
  const auto found = weights_.find(name);
  if (found == weights_.end()) throw std::invalid_argument("the tensor " + name + " is missing");
  return found->second;
}

std::span<const float> WeightReader::at(const std::string& name, std::size_t size) const {
  const Weight& found = tensor(name);
  if (found.values.size() != size) {
    throw std::invalid_argument("the tensor " + name + " has " +
                                std::to_string(found.values.size()) + " values, expected " +
                                std::to_string(size));
  }
  return found.values;
}

ConstMatrix WeightReader::matrix(const std::string& name, std::size_t rows,
                                 std::size_t columns) const {
  return {at(name, rows * columns).data(), rows, columns};
}

std::vector<float> WeightReader::padded(const std::string& name, std::size_t size) const {
  const auto values = at(name, size);
  std::vector<float> result(kernels::padded_columns(size), 0.0F);
  std::ranges::copy(values, result.begin());
  return result;
}

LinearWeights WeightReader::layer(const std::string& weight, const std::string& bias,
                                  std::size_t in, std::size_t out) const {
  const auto& in_int8 = tensor(weight).in_int8;
  if (!in_int8) {
    const ConstMatrix values = matrix(weight, out, in);
    return packed(values, bias.empty() ? std::span<const float>() : at(bias, out));
  }
  const bool has_bias = !in_int8->bias.empty();
  if (in_int8->inputs != in || in_int8->outputs != out || has_bias == bias.empty()) {
    throw std::invalid_argument(
        "the int8 layer " + weight + " has " + std::to_string(in_int8->inputs) + " inputs and " +
        std::to_string(in_int8->outputs) + " outputs with" + (has_bias ? "" : "out") +
        " a bias, expected " + std::to_string(in) + " and " + std::to_string(out) + " with" +
        (bias.empty() ? "out" : "") + " one");
  }
  return LinearWeights(*in_int8);
}

LinearWeights WeightReader::either_way(const std::string& name, std::size_t in,
                                       std::size_t out) const {
  if (has(name)) return layer(name, "", in, out);
  if (is_int8(name + "_transposed")) return layer(name + "_transposed", "", in, out);
  const ConstMatrix transposed = matrix(name + "_transposed", in, out);
  std::vector<float> values(out * in);
  for (std::size_t o = 0; o < out; ++o)
    for (std::size_t i = 0; i < in; ++i) values[o * in + i] = transposed.row(i)[o];
  return packed({values.data(), out, in});
}

ActivationStep::ActivationStep(std::optional<Activation> activation) {
  if (!activation) return;
  switch (*activation) {
    case Activation::relu:
      slope_ = 0;
      break;
    case Activation::leaky_relu:
      slope_ = static_cast<float>(architecture::leaky_relu_slope);
      break;
    case Activation::silu:
    case Activation::gelu:
      curved_ = activation;
      break;
  }
}

void ActivationStep::apply(const Matrix& x) const {
  if (!curved_) return;
  const std::span<float> values(x.data, x.rows * x.stride);
  curved_ == Activation::silu ? kernels::apply_silu(values) : kernels::apply_gelu(values);
}

void run_layer(const Run& run, const LeftFactor& left, const LinearWeights& weights,
               const ActivationStep& activation, const ConstMatrix& after, const Matrix& out) {
  if (activation.is_slope()) {
    weights.multiply(run, left, {.slope = activation.slope(), .after = after}, out);
    return;
  }
  const Matrix values = run.memory().scratch.matrix(out.rows, out.columns);
  weights.multiply(run, left, {}, values);
  activation.apply(values);
  kernels::finish_rows(values, {}, 1, after, out);
}

}  // namespace stationhit::engine
