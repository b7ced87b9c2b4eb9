// The constructor rounds the weights of every linear layer once: for each way to divide the bits
// between activation and weight it fits the weights and keeps the way with the smallest expected
// error, e^T C e of the weights plus s^2 / 12 |w|^2 of the rounded inputs. Writing a file for a set
// of layers then only copies these results into the graph. The static rewriter inserts
// QuantizeLinear and DequantizeLinear around a layer, the dynamic one DynamicQuantizeLinear and
// MatMulInteger.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include <stationhit/core/threads.hpp>
#include <stationhit/onnx_file/quantized_layers.hpp>
#include <stationhit/quantization/linear_layers.hpp>
#include <stationhit/quantization/quantizer.hpp>
#include <stationhit/quantization/rounding.hpp>

namespace stationhit::quantization {
namespace {

using onnx_file::ElementType;
using onnx_file::FloatTensor;
using onnx_file::ModelEditor;
using onnx_file::NodeView;
using onnx_file::NodeWriter;

constexpr std::array<LevelLimits, 3> without_saturation{{{255, 64}, {181, 90}, {127, 127}}};
constexpr std::array<LevelLimits, 1> all_bits{{{255, 127}}};

// A linear layer with rounded weights, ready to be written.
struct RoundedLayer {
  LevelLimits largest;
  ActivationScale input;
  QuantizedWeights weights;
  std::vector<float> bias;  // includes the mean error of the weights; empty if there is no bias
};

double sum_of_squares(const FloatTensor& weights) {
  double sum = 0;
  for (const float weight : weights.values) sum += double{weight} * double{weight};
  return sum;
}

// Second moments C of the inputs for the error e^T C e of rounded weights e. They are central if a
// bias can absorb the mean error. The variance s^2 / 12 of inputs rounded to steps of s is added on
// the diagonal.
std::vector<double> moments_for_rounding(const Activation& input, double input_step,
                                         bool with_bias) {
  std::vector<double> moments = input.second_moments;
  const std::size_t n = input.mean.size();
  for (std::size_t i = 0; i < n; ++i) {
    if (with_bias) {
      for (std::size_t j = 0; j < n; ++j) moments[i * n + j] -= input.mean[i] * input.mean[j];
    }
    moments[i * n + i] += input_step * input_step / 12;
  }
  return moments;
}

// The smallest weight scales for which int32 can hold the bias in units of input scale times weight
// scale.
std::vector<float> smallest_scales_for(const std::vector<float>& bias, float input_scale) {
  constexpr float largest_bias = 0x1p30F;
  std::vector<float> scales;
  for (const float value : bias) scales.push_back(std::fabs(value) / (input_scale * largest_bias));
  return scales;
}

// Adds the mean error of the rounded weights to the bias.
void add_mean_error(RoundedLayer& rounded, const FloatTensor& weights, bool outputs_first,
                    const std::vector<double>& mean) {
  const auto columns = static_cast<std::size_t>(weights.shape[1]);
  std::vector<double> missing(rounded.bias.size(), 0.0);
  for (std::size_t i = 0; i < weights.values.size(); ++i) {
    const std::size_t row = i / columns, column = i % columns, to = outputs_first ? row : column,
                      from = outputs_first ? column : row;
    missing[to] += (double{weights.values[i]} -
                    double{rounded.weights.scales[to]} * rounded.weights.values[i]) *
                   mean[from];
  }
  for (std::size_t i = 0; i < missing.size(); ++i)
    rounded.bias[i] += static_cast<float>(missing[i]);
}

RoundedLayer round_to_nearest(const FloatTensor& weights, const LinearLayer& layer,
                              const std::vector<float>& bias, const Range& range,
                              const LevelLimits& largest) {
  RoundedLayer rounded{largest, activation_scale(range, largest.activation), {}, bias};
  rounded.weights = quantize_weights(weights, layer.outputs_first, largest.weight,
                                     smallest_scales_for(bias, rounded.input.scale));
  return rounded;
}

// The expected squared error of the outputs has two parts: one from the rounded weights, and one
// from the rounded inputs, s^2 / 12 times the sum of the squared weights.
RoundedLayer round_to_fit(const FloatTensor& weights, const LinearLayer& layer,
                          const std::vector<float>& bias, const Activation& input,
                          std::span<const LevelLimits> choices) {
  RoundedLayer best;
  double smallest = 0;
  for (const LevelLimits& largest : choices) {
    RoundedLayer rounded{largest, activation_scale(input.range, largest.activation), {}, bias};
    const double step = rounded.input.scale;
    const std::vector<double> moments = moments_for_rounding(input, step, !bias.empty());
    rounded.weights = fit_weights(weights, layer.outputs_first, largest.weight, moments,
                                  smallest_scales_for(bias, rounded.input.scale));
    const double error = error_of_outputs(weights, layer.outputs_first, rounded.weights, moments) +
                         step * step / 12 * sum_of_squares(weights);
    if (&largest != &choices.front() && error >= smallest) continue;
    smallest = error;
    best = std::move(rounded);
  }
  if (!bias.empty()) add_mean_error(best, weights, layer.outputs_first, input.mean);
  return best;
}

// The key contains weights and input, because layers that share weights may have different inputs.
using LayerKey = std::pair<std::string, std::string>;
using RoundedLayers = std::map<LayerKey, RoundedLayer>;

LayerKey layer_key(const LinearLayer& layer) { return {layer.name, layer.input}; }

RoundedLayers round_layers(const ModelEditor& model, const std::vector<LinearLayer>& layers,
                           const Activations& activations, std::span<const LevelLimits> choices,
                           unsigned threads) {
  RoundedLayers rounded;
  std::vector<std::pair<const LinearLayer*, RoundedLayer*>> work;  // each key once
  for (const LinearLayer& layer : layers) {
    if (!activations.contains(layer.input)) continue;
    const auto [place, is_new] = rounded.try_emplace(layer_key(layer));
    if (is_new) work.emplace_back(&layer, &place->second);
  }
  core::parallel_for(work.size(), threads, [&](std::size_t i) {
    const LinearLayer& layer = *work[i].first;
    const Activation& input = activations.at(layer.input);
    const FloatTensor weights = *model.float_constant(layer.name);
    const std::vector<float> bias =
        layer.bias.empty() ? std::vector<float>() : model.float_constant(layer.bias)->values;
    *work[i].second = input.second_moments.empty()
                          ? round_to_nearest(weights, layer, bias, input.range, choices.front())
                          : round_to_fit(weights, layer, bias, input, choices);
  });
  return rounded;
}

template <class T>
std::vector<T> transpose(const std::vector<T>& values, const std::vector<std::int64_t>& shape) {
  const auto rows = static_cast<std::size_t>(shape[0]),
             columns = static_cast<std::size_t>(shape[1]);
  std::vector<T> result(values.size());
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < columns; ++column)
      result[column * rows + row] = values[row * columns + column];
  }
  return result;
}

// The common part of both methods. New constants are named after the output of a node (static: by
// quantized_layer_prefix, from which the engine knows them) and new activations after the original
// activation; each is added once.
class Rewriter {
 public:
  Rewriter(ModelEditor& model, const std::set<std::string>& names) : model_(model), names_(names) {}
  virtual ~Rewriter() = default;

  void run() {
    model_.rewrite([this](const NodeView& node, NodeWriter& writer) {
      const std::optional<LinearLayer> layer = as_linear_layer(model_, node);
      if (!layer || !names_.contains(layer->name)) return writer.keep();
      replace(*layer, node, writer);
    });
    model_.remove_unused_constants();
  }

 protected:
  virtual void replace(const LinearLayer& layer, const NodeView& node, NodeWriter& writer) = 0;

  ModelEditor& model_;
  const std::set<std::string>& names_;
  std::set<std::string> quantized_inputs_;
};

class StaticRewriter final : public Rewriter {
 public:
  StaticRewriter(ModelEditor& model, const std::set<std::string>& names,
                 const RoundedLayers& layers)
      : Rewriter(model, names), layers_(layers) {}

 private:
  void replace(const LinearLayer& layer, const NodeView& node, NodeWriter& writer) override {
    const std::string prefix = onnx_file::quantized_layer_prefix(layer.name, node.outputs.front());
    const RoundedLayer& rounded = layers_.at(layer_key(layer));
    const std::vector<std::int64_t> shape = model_.float_constant(layer.name)->shape;
    std::vector<std::string> inputs{
        rounded_input(layer.input, rounded.input, rounded.largest.activation, writer),
        rounded_weights(prefix, shape, layer.outputs_first ? 0 : 1, rounded.weights, writer)};
    if (!rounded.bias.empty())
      inputs.push_back(
          rounded_bias(prefix, rounded.bias, rounded.input.scale, rounded.weights.scales, writer));
    writer.keep_with_inputs(inputs);
  }

  // An activation that enters layers with different steps is rounded once for each step.
  std::string rounded_input(const std::string& value, const ActivationScale& to, std::int32_t steps,
                            NodeWriter& writer) {
    const std::string name = value + "/" + std::to_string(steps);
    std::string rounded = name + "/rounded";
    if (!quantized_inputs_.insert(name).second) return rounded;
    const std::string scale =
        model_.constant(name + "/scale", std::span<const float>(&to.scale, 1), {});
    const std::string zero =
        model_.constant(name + "/zero_point", std::span<const std::uint8_t>(&to.zero_point, 1), {});
    std::string levels = name + "/uint8";
    writer.add("QuantizeLinear", {value, scale, zero}, {levels});
    if (steps < 255) {  // QuantizeLinear stops at 255 only, what lies above the range must not
                        // exceed the steps
      const auto end = static_cast<std::uint8_t>(steps);
      writer.add(
          "Clip",
          {levels, "", model_.constant(name + "/end", std::span<const std::uint8_t>(&end, 1), {})},
          {levels + "/clipped"});
      levels += "/clipped";
    }
    writer.add("DequantizeLinear", {levels, scale, zero}, {rounded});
    return rounded;
  }

  std::string rounded_weights(const std::string& prefix, const std::vector<std::int64_t>& shape,
                              std::int64_t axis, const QuantizedWeights& weights,
                              NodeWriter& writer) {
    const auto count = static_cast<std::int64_t>(weights.scales.size());
    const std::vector<std::int8_t> zeros(weights.scales.size(), 0);
    std::string name = prefix + "/weights";
    writer.add(
        "DequantizeLinear",
        {model_.constant(prefix + onnx_file::quantized_weights_suffix,
                         std::span<const std::int8_t>(weights.values), shape),
         model_.constant(name + "_scale", std::span<const float>(weights.scales), {count}),
         model_.constant(name + "_zero_point", std::span<const std::int8_t>(zeros), {count})},
        {name}, {{"axis", axis}});
    return name;
  }

  std::string rounded_bias(const std::string& prefix, const std::vector<float>& bias,
                           float input_scale, const std::vector<float>& weight_scales,
                           NodeWriter& writer) {
    std::vector<float> scales;
    std::vector<std::int32_t> values;
    for (std::size_t i = 0; i < bias.size(); ++i) {
      scales.push_back(input_scale * weight_scales[i]);
      values.push_back(static_cast<std::int32_t>(std::lrint(bias[i] / scales.back())));
    }
    const auto count = static_cast<std::int64_t>(bias.size());
    std::string name = prefix + "/bias";
    writer.add("DequantizeLinear",
               {model_.constant(name + "_int32", std::span<const std::int32_t>(values), {count}),
                model_.constant(name + "_scale", std::span<const float>(scales), {count})},
               {name}, {{"axis", std::int64_t{0}}});
    return name;
  }

  const RoundedLayers& layers_;
};

class DynamicRewriter final : public Rewriter {
 public:
  DynamicRewriter(ModelEditor& model, const std::set<std::string>& names,
                  const LevelLimits& largest)
      : Rewriter(model, names), largest_(largest) {}

 private:
  void replace(const LinearLayer& layer, const NodeView& node, NodeWriter& writer) override {
    const std::string &output = node.outputs.front(), &input = layer.input;
    if (quantized_inputs_.insert(input).second) {
      writer.add("DynamicQuantizeLinear", {input},
                 {input + "/uint8", input + "/scale", input + "/zero_point"});
    }
    const FloatTensor weights = *model_.float_constant(layer.name);
    const QuantizedWeights quantized =
        quantize_weights(weights, layer.outputs_first, largest_.weight);
    const std::int64_t outputs = layer.outputs, inputs = layer.inputs;
    const std::vector<std::int8_t> values =
        layer.outputs_first ? transpose(quantized.values, weights.shape) : quantized.values;
    const std::string int8 = model_.constant(
        output + "/weights_int8", std::span<const std::int8_t>(values), {inputs, outputs});
    const std::string scale = model_.constant(output + "/weights_scale",
                                              std::span<const float>(quantized.scales), {outputs});
    writer.add("MatMulInteger", {input + "/uint8", int8, input + "/zero_point"},
               {output + "/int32"});
    writer.add("Cast", {output + "/int32"}, {output + "/float"}, {{"to", ElementType::float32}});
    writer.add("Mul", {input + "/scale", scale}, {output + "/scale_of_both"});
    const std::string unbiased = layer.bias.empty() ? output : output + "/without_bias";
    writer.add("Mul", {output + "/float", output + "/scale_of_both"}, {unbiased});
    if (!layer.bias.empty()) writer.add("Add", {unbiased, layer.bias}, {output});
  }

  LevelLimits largest_;
};

}  // namespace

std::span<const LevelLimits> level_choices(const QuantizationConfig& config) {
  return config.target_cpu == TargetCpu::vnni ? std::span<const LevelLimits>(all_bits)
                                              : std::span<const LevelLimits>(without_saturation);
}

ActivationScale activation_scale(const Range& range, std::int32_t steps) {
  const double width = double{range.high} - double{range.low}, largest = steps;
  const auto scale = static_cast<float>(width / largest);
  if (!(scale > 0)) return {};
  return {scale, static_cast<std::uint8_t>(
                     std::clamp(std::nearbyint(-double{range.low} / double{scale}), 0.0, largest))};
}

struct Quantizer::Impl {
  std::string content, where;
  QuantizationConfig config;
  RoundedLayers layers;  // static only
};

Quantizer::Quantizer(std::string content, std::string where, const Activations& activations,
                     QuantizationConfig config, unsigned threads)
    : impl_(std::make_unique<Impl>(
          Impl{std::move(content), std::move(where), std::move(config), {}})) {
  const ModelEditor model(impl_->content, impl_->where);
  const std::vector<LinearLayer> layers = find_linear_layers(model, impl_->where);
  if (impl_->config.method == QuantizationMethod::static_scales)
    impl_->layers = round_layers(model, layers, activations, level_choices(impl_->config), threads);
}

Quantizer::~Quantizer() = default;

std::string Quantizer::quantized(const std::set<std::string>& names) const {
  ModelEditor model(impl_->content, impl_->where);
  if (impl_->config.method == QuantizationMethod::dynamic_scales) {
    DynamicRewriter(model, names, level_choices(impl_->config).front()).run();
  } else {
    StaticRewriter(model, names, impl_->layers).run();
  }
  return model.serialize();
}

}  // namespace stationhit::quantization
