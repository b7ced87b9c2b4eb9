#include <algorithm>
#include <array>
#include <cmath>

#include <stationhit/quantization/products.hpp>
#include <stationhit/quantization/quantise.hpp>

namespace stationhit::quantization {
namespace {

using onnx_file::FloatTensor;
using onnx_file::ModelEditor;
using onnx_file::NodeView;
using onnx_file::NodeWriter;

constexpr std::array<Largest, 3> without_saturation{{{255, 64}, {181, 90}, {127, 127}}};
constexpr std::array<Largest, 1> all_bits{{{255, 127}}};

std::int64_t outputs_of(const FloatTensor& weights, bool outputs_first) { return weights.shape[outputs_first ? 0 : 1]; }

// Calls visit(place in the values, output, input).
template <class Visit>
void for_each_weight(const FloatTensor& weights, bool outputs_first, Visit&& visit) {
  const auto columns = static_cast<std::size_t>(weights.shape[1]);
  for (std::size_t i = 0; i < weights.values.size(); ++i) {
    visit(i, outputs_first ? i / columns : i % columns, outputs_first ? i % columns : i / columns);
  }
}

// Rounding to steps of s gives an error of s^2 / 12: of the activations times the weights, of the weights times the activations.
double expected_error(const FloatTensor& weights, bool outputs_first, const Activation& input, const Largest& largest) {
  const double input_step = activation_scale(input.range, largest.activation).scale;
  const std::vector<float> weight_steps = quantise_weights(weights, outputs_first, largest.weight).scales;
  double error = 0;
  for_each_weight(weights, outputs_first, [&](std::size_t i, std::size_t to, std::size_t from) {
    error += std::pow(input_step * double{weights.values[i]}, 2) + std::pow(double{weight_steps[to]}, 2) * input.mean_square[from];
  });
  return error / 12;
}

template <class T>
std::vector<T> transposed(const std::vector<T>& values, const std::vector<std::int64_t>& shape) {
  const auto rows = static_cast<std::size_t>(shape[0]), columns = static_cast<std::size_t>(shape[1]);
  std::vector<T> result(values.size());
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < columns; ++column) result[column * rows + row] = values[row * columns + column];
  }
  return result;
}

// What both methods share: constants are named after the result of a node, activations after themselves, each once.
class Rewriter {
 public:
  Rewriter(ModelEditor& model, const std::set<std::string>& names, const QuantizationConfig& config)
      : model_(model), names_(names), choices_(choices(config)) {}
  virtual ~Rewriter() = default;

  void run() {
    model_.rewrite([this](const NodeView& node, NodeWriter& writer) {
      const std::optional<Product> product = as_product(model_, node);
      if (!product || !names_.contains(product->name)) return writer.keep();
      replace(*product, node, writer);
    });
    model_.remove_unused_constants();
  }

 protected:
  virtual void replace(const Product& product, const NodeView& node, NodeWriter& writer) = 0;

  ModelEditor& model_;
  const std::set<std::string>& names_;
  std::span<const Largest> choices_;
  std::set<std::string> quantised_inputs_;
};

class StaticRewriter final : public Rewriter {
 public:
  StaticRewriter(ModelEditor& model, const std::set<std::string>& names, const QuantizationConfig& config, const Activations& activations)
      : Rewriter(model, names, config), activations_(activations) {}

 private:
  void replace(const Product& product, const NodeView& node, NodeWriter& writer) override {
    const std::string& output = node.outputs.front();
    const Activation& activation = activations_.at(product.input);
    const FloatTensor weights = *model_.float_constant(product.name);
    const Largest largest = best_choice(weights, product.outputs_first, activation);
    const ActivationScale input = activation_scale(activation.range, largest.activation);
    std::vector<float> bias = product.bias.empty() ? std::vector<float>() : model_.float_constant(product.bias)->values;
    const QuantisedWeights quantised = quantise_weights(weights, product.outputs_first, largest.weight, scales_that_hold(bias, input.scale));
    if (!bias.empty() && !activation.mean.empty()) correct(bias, weights, product.outputs_first, quantised, activation.mean);
    std::vector<std::string> inputs{rounded_input(product.input, input, largest.activation, writer),
                                    rounded_weights(output, weights.shape, product.outputs_first ? 0 : 1, quantised, writer)};
    if (!bias.empty()) inputs.push_back(rounded_bias(output, bias, input.scale, quantised.scales, writer));
    writer.keep_with_inputs(inputs);
  }

  [[nodiscard]] Largest best_choice(const FloatTensor& weights, bool outputs_first, const Activation& input) const {
    if (input.mean_square.empty()) return choices_.front();
    const auto error = [&](const Largest& largest) { return expected_error(weights, outputs_first, input, largest); };
    return *std::ranges::min_element(choices_, {}, error);
  }

  static void correct(std::vector<float>& bias, const FloatTensor& weights, bool outputs_first, const QuantisedWeights& rounded,
                      const std::vector<double>& mean) {
    std::vector<double> missing(bias.size(), 0.0);
    for_each_weight(weights, outputs_first, [&](std::size_t i, std::size_t to, std::size_t from) {
      missing[to] += (double{weights.values[i]} - double{rounded.scales[to]} * rounded.values[i]) * mean[from];
    });
    for (std::size_t i = 0; i < bias.size(); ++i) bias[i] += static_cast<float>(missing[i]);
  }

  // int32 must hold the bias in units of the scales of input and weight.
  static std::vector<float> scales_that_hold(const std::vector<float>& bias, float input_scale) {
    constexpr float largest_bias = 0x1p30F;
    std::vector<float> scales;
    for (const float value : bias) scales.push_back(std::fabs(value) / (input_scale * largest_bias));
    return scales;
  }

  // Activations that go into products with different steps are rounded once for each.
  std::string rounded_input(const std::string& value, const ActivationScale& to, std::int32_t steps, NodeWriter& writer) {
    const std::string name = value + "/" + std::to_string(steps), rounded = name + "/rounded";
    if (!quantised_inputs_.insert(name).second) return rounded;
    const std::string scale = model_.constant(name + "/scale", std::span<const float>(&to.scale, 1), {});
    const std::string zero = model_.constant(name + "/zero_point", std::span<const std::uint8_t>(&to.zero_point, 1), {});
    std::string numbers = name + "/uint8";
    writer.add("QuantizeLinear", {value, scale, zero}, {numbers});
    if (steps < 255) {  // QuantizeLinear stops at 255 only, what lies above the range must not exceed the steps
      const auto end = static_cast<std::uint8_t>(steps);
      writer.add("Clip", {numbers, "", model_.constant(name + "/end", std::span<const std::uint8_t>(&end, 1), {})}, {numbers + "/clipped"});
      numbers += "/clipped";
    }
    writer.add("DequantizeLinear", {numbers, scale, zero}, {rounded});
    return rounded;
  }

  std::string rounded_weights(const std::string& output, const std::vector<std::int64_t>& shape, std::int64_t axis, const QuantisedWeights& weights,
                              NodeWriter& writer) {
    const auto count = static_cast<std::int64_t>(weights.scales.size());
    const std::vector<std::int8_t> zeros(weights.scales.size(), 0);
    const std::string name = output + "/weights";
    writer.add("DequantizeLinear",
               {model_.constant(name + "_int8", std::span<const std::int8_t>(weights.values), shape),
                model_.constant(name + "_scale", std::span<const float>(weights.scales), {count}),
                model_.constant(name + "_zero_point", std::span<const std::int8_t>(zeros), {count})},
               {name}, {{"axis", axis}});
    return name;
  }

  std::string rounded_bias(const std::string& output, const std::vector<float>& bias, float input_scale, const std::vector<float>& weight_scales,
                           NodeWriter& writer) {
    std::vector<float> scales;
    std::vector<std::int32_t> values;
    for (std::size_t i = 0; i < bias.size(); ++i) {
      scales.push_back(input_scale * weight_scales[i]);
      values.push_back(static_cast<std::int32_t>(std::lrint(bias[i] / scales.back())));
    }
    const auto count = static_cast<std::int64_t>(bias.size());
    const std::string name = output + "/bias";
    writer.add("DequantizeLinear",
               {model_.constant(name + "_int32", std::span<const std::int32_t>(values), {count}),
                model_.constant(name + "_scale", std::span<const float>(scales), {count})},
               {name}, {{"axis", std::int64_t{0}}});
    return name;
  }

  const Activations& activations_;
};

class DynamicRewriter final : public Rewriter {
 public:
  using Rewriter::Rewriter;

 private:
  void replace(const Product& product, const NodeView& node, NodeWriter& writer) override {
    const std::string &output = node.outputs.front(), &input = product.input;
    if (quantised_inputs_.insert(input).second) {
      writer.add("DynamicQuantizeLinear", {input}, {input + "/uint8", input + "/scale", input + "/zero_point"});
    }
    const FloatTensor weights = *model_.float_constant(product.name);
    const QuantisedWeights quantised = quantise_weights(weights, product.outputs_first, choices_.front().weight);
    const std::int64_t outputs = outputs_of(weights, product.outputs_first), inputs = weights.shape[product.outputs_first ? 1 : 0];
    const std::vector<std::int8_t> values = product.outputs_first ? transposed(quantised.values, weights.shape) : quantised.values;
    const std::string int8 = model_.constant(output + "/weights_int8", std::span<const std::int8_t>(values), {inputs, outputs});
    const std::string scale = model_.constant(output + "/weights_scale", std::span<const float>(quantised.scales), {outputs});
    writer.add("MatMulInteger", {input + "/uint8", int8, input + "/zero_point"}, {output + "/int32"});
    writer.add("Cast", {output + "/int32"}, {output + "/float"}, {{"to", std::int64_t{1}}});
    writer.add("Mul", {input + "/scale", scale}, {output + "/scale_of_both"});
    const std::string unbiased = product.bias.empty() ? output : output + "/without_bias";
    writer.add("Mul", {output + "/float", output + "/scale_of_both"}, {unbiased});
    if (!product.bias.empty()) writer.add("Add", {unbiased, product.bias}, {output});
  }
};

}  // namespace

std::span<const Largest> choices(const QuantizationConfig& config) {
  return config.target_cpu == "vnni" ? std::span<const Largest>(all_bits) : std::span<const Largest>(without_saturation);
}

ActivationScale activation_scale(const Range& range, std::int32_t steps) {
  const double width = double{range.high} - double{range.low}, largest = steps;
  const auto scale = static_cast<float>(width / largest);
  if (!(scale > 0)) return {};
  return {scale, static_cast<std::uint8_t>(std::clamp(std::nearbyint(-double{range.low} / double{scale}), 0.0, largest))};
}

QuantisedWeights quantise_weights(const FloatTensor& weights, bool outputs_first, std::int32_t largest, std::span<const float> smallest_scales) {
  QuantisedWeights result;
  result.scales.assign(static_cast<std::size_t>(outputs_of(weights, outputs_first)), 0.0F);
  for_each_weight(weights, outputs_first, [&](std::size_t i, std::size_t output, std::size_t) {
    result.scales[output] = std::max(result.scales[output], std::fabs(weights.values[i]));
  });
  for (std::size_t output = 0; output < result.scales.size(); ++output) {
    float& scale = result.scales[output];
    scale /= static_cast<float>(largest);
    if (!smallest_scales.empty()) scale = std::max(scale, smallest_scales[output]);
    if (scale == 0) scale = 1;
  }
  result.values.resize(weights.values.size());
  for_each_weight(weights, outputs_first, [&](std::size_t i, std::size_t output, std::size_t) {
    const long number = std::lrint(weights.values[i] / result.scales[output]);
    result.values[i] = static_cast<std::int8_t>(std::clamp<long>(number, -largest, largest));
  });
  return result;
}

std::string quantise(std::string_view content, const std::string& where, const Activations& activations, const std::set<std::string>& names,
                     const QuantizationConfig& config) {
  ModelEditor model(content, where);
  (void)find_products(model, where);  // refuses what cannot be quantised
  if (config.method == "dynamic") {
    DynamicRewriter(model, names, config).run();
  } else {
    StaticRewriter(model, names, config, activations).run();
  }
  return model.serialise();
}

}  // namespace stationhit::quantization
