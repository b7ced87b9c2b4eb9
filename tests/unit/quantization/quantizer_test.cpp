// Integer arithmetic by hand against ONNX Runtime, and the worst that can happen to 16-bit sums.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/random_event.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/onnx_file/model_file.hpp>
#include <stationhit/onnx_file/quantized_layers.hpp>
#include <stationhit/quantization/linear_layers.hpp>
#include <stationhit/quantization/quantizer.hpp>
#include <stationhit/quantization/rounding.hpp>

#include "product_models.hpp"

namespace stationhit::quantization {
namespace {

using inference::OnnxModel;
using onnx_file::FloatTensor;

constexpr auto both_methods = {QuantizationMethod::static_scales,
                               QuantizationMethod::dynamic_scales};

QuantizationConfig config_for(TargetCpu target_cpu,
                              QuantizationMethod method = QuantizationMethod::static_scales) {
  QuantizationConfig config;
  config.target_cpu = target_cpu;
  config.method = method;
  return config;
}

std::string quantized(const std::string& content, const std::string& where,
                      const Activations& activations, const std::set<std::string>& names,
                      const QuantizationConfig& config) {
  return Quantizer(content, where, activations, config).quantized(names);
}

std::vector<std::int32_t> to_integers(const std::vector<float>& values, const ActivationScale& to) {
  std::vector<std::int32_t> integers;
  for (const float value : values) {
    integers.push_back(std::clamp(
        static_cast<std::int32_t>(std::nearbyint(value / to.scale)) + to.zero_point, 0, 255));
  }
  return integers;
}

TEST(ActivationScale, HoldsZeroExactly) {
  for (const Range range : {Range{-1, 3}, Range{0, 7}, Range{-2, 0}, Range{-1e-3F, 1e3F}}) {
    const ActivationScale to = activation_scale(range);
    EXPECT_EQ(to_integers({0}, to).front(), to.zero_point);
    EXPECT_NEAR(to.scale * static_cast<float>(255 - to.zero_point), range.high, 0.51F * to.scale);
    EXPECT_NEAR(-to.scale * static_cast<float>(to.zero_point), range.low, 0.51F * to.scale);
  }
  EXPECT_EQ(activation_scale({0, 0}).scale, 1);
}

TEST(QuantizedWeights, HaveAScalePerOutput) {
  const FloatTensor weights{{2, 3}, {1, -4, 2, 0, 0, 0}};
  const QuantizedWeights rows = quantize_weights(weights, true, 64);
  EXPECT_EQ(rows.values, (std::vector<std::int8_t>{16, -64, 32, 0, 0, 0}));
  EXPECT_EQ(rows.scales, (std::vector<float>{4.0F / 64, 1}));
  const QuantizedWeights columns = quantize_weights(weights, false, 127);
  EXPECT_EQ(columns.values, (std::vector<std::int8_t>{127, -127, 127, 0, 0, 0}));
  const std::vector<float> smallest{1, 0};
  EXPECT_EQ(quantize_weights(weights, true, 64, smallest).values,
            (std::vector<std::int8_t>{1, -4, 2, 0, 0, 0}));
}

struct Case {
  std::vector<float> features;  // [n, 2]
  test::Weights weights;
  Activations ranges;
};

Case random_case(std::int64_t width, std::size_t n_nodes) {
  test::RandomValues random(3);
  Case result;
  for (std::size_t i = 0; i < n_nodes; ++i) {
    result.features.push_back(random.real(0, 15));
    result.features.push_back(random.real(-2, 2));
  }
  for (std::int64_t i = 0; i < width; ++i) {
    result.weights.first.push_back(random.real(-1, 1));
    result.weights.first.push_back(random.real(-3, 3));
    result.weights.bias.push_back(random.real(-5, 5));
    result.weights.second.push_back(random.real(-1, 1));
  }
  result.ranges = {{"features", {-2, 15}}, {"hidden", {-30, 30}}};
  return result;
}

// second . (first . features + bias) with the first product in integers, the second in double
// precision.
std::vector<double> by_hand(const Case& c, std::int32_t largest) {
  const ActivationScale to = activation_scale(c.ranges.at("features").range);
  const std::vector<std::int32_t> x = to_integers(c.features, to);
  const QuantizedWeights w =
      quantize_weights({{c.weights.width(), 2}, c.weights.first}, true, largest);
  std::vector<double> outputs;
  for (std::size_t node = 0; node < c.features.size() / 2; ++node) {
    double output = 0;
    for (std::size_t i = 0; i < w.scales.size(); ++i) {
      const double scale = double{to.scale} * double{w.scales[i]};
      std::int64_t sum = std::llrint(double{c.weights.bias[i]} / scale);
      for (std::size_t k = 0; k < 2; ++k)
        sum += std::int64_t{x[2 * node + k] - to.zero_point} * w.values[2 * i + k];
      output += double{c.weights.second[i]} * scale * static_cast<double>(sum);
    }
    outputs.push_back(output);
  }
  return outputs;
}

void expect_integer_arithmetic(TargetCpu target_cpu) {
  const Case c = random_case(16, 50);
  const std::string content = quantized(test::two_products(c.weights), "model.onnx", c.ranges,
                                        {"first"}, config_for(target_cpu));
  const std::vector<float> logits =
      OnnxModel(content, "int8.onnx").run(test::inputs_of(c.features));
  const std::vector<double> expected =
      by_hand(c, level_choices(config_for(target_cpu)).front().weight);
  ASSERT_EQ(logits.size(), expected.size());
  // Half a step of the bias (its scale is a product rounded to float32) and float32 sums.
  for (std::size_t i = 0; i < logits.size(); ++i)
    EXPECT_NEAR(double{logits[i]}, expected[i], 2e-3) << "node " << i;
}

TEST(Quantize, OneLinearLayerIsIntegerArithmetic) { expect_integer_arithmetic(TargetCpu::any); }

// Other x86 processors saturate sums of two 8-bit products, as the setting target_cpu says.
TEST(Quantize, OneLinearLayerForVnniIsIntegerArithmetic) {
  if (__builtin_cpu_supports("avx512vnni") == 0)
    GTEST_SKIP() << "this processor has no AVX-512 VNNI instructions";
  expect_integer_arithmetic(TargetCpu::vnni);
}

// As the engine reads them.
TEST(Quantize, LayersAreReadBackWithTheNamesOfTheirWeights) {
  const Case c = random_case(16, 1);
  for (const TargetCpu target_cpu : {TargetCpu::any, TargetCpu::vnni}) {
    const std::string content = quantized(test::two_products(c.weights), "model.onnx", c.ranges,
                                          {"first", "second"}, config_for(target_cpu));
    const auto layers = onnx_file::read_quantized_layers(content, "int8.onnx");
    ASSERT_EQ(layers.size(), 2);
    const LevelLimits largest = level_choices(config_for(target_cpu)).front();
    const ActivationScale to = activation_scale(c.ranges.at("features").range, largest.activation);
    const QuantizedWeights weights =
        quantize_weights({{c.weights.width(), 2}, c.weights.first}, true, largest.weight);
    const onnx_file::QuantizedLayer& first = layers.front();
    EXPECT_EQ(first.name, "first");
    EXPECT_EQ(first.inputs, 2);
    EXPECT_EQ(first.outputs, 16);
    EXPECT_EQ(first.scale, to.scale);
    EXPECT_EQ(first.zero_point, to.zero_point);
    EXPECT_EQ(first.largest_level, largest.activation);
    EXPECT_EQ(first.weights, weights.values);
    EXPECT_EQ(first.weight_scales, weights.scales);
    ASSERT_EQ(first.bias.size(), 16);
    EXPECT_EQ(first.bias.front(),
              std::lrint(c.weights.bias.front() / (to.scale * weights.scales.front())));
    EXPECT_EQ(layers.back().name, "second");
    EXPECT_EQ(layers.back().inputs, 16);
    EXPECT_EQ(layers.back().outputs, 1);
  }
}

TEST(Quantize, StaysNearTheFloatModel) {
  const Case c = random_case(16, 200);
  const std::string model = test::two_products(c.weights);
  const std::vector<float> expected =
      OnnxModel(model, "float.onnx").run(test::inputs_of(c.features));
  for (const QuantizationMethod method : both_methods) {
    const std::string content = quantized(model, "model.onnx", c.ranges, {"first", "second"},
                                          config_for(TargetCpu::any, method));
    const std::vector<float> logits =
        OnnxModel(content, "int8.onnx").run(test::inputs_of(c.features));
    for (std::size_t i = 0; i < logits.size(); ++i)
      EXPECT_NEAR(logits[i], expected[i], 1.0F)
          << core::name(method) << " node " << i;  // steps of 0.2 in 16 terms
  }
}

TEST(Quantize, StaticScoresDoNotDependOnTheBatchAndNoNodesWork) {
  const Case c = random_case(16, 40);
  for (const QuantizationMethod method : both_methods) {
    const OnnxModel model(quantized(test::two_products(c.weights), "model.onnx", c.ranges,
                                    {"first", "second"}, config_for(TargetCpu::any, method)),
                          "int8.onnx");
    EXPECT_TRUE(model.run(test::inputs_of({})).empty());
    const std::vector<float> together = model.run(test::inputs_of(c.features));
    const std::vector<float> alone = model.run(test::inputs_of({c.features[0], c.features[1]}));
    EXPECT_EQ(alone.front() == together.front(), method == QuantizationMethod::static_scales)
        << core::name(method);
  }
}

TEST(Quantize, RemovesTheFloatWeightsAndKeepsTheRest) {
  const Case c = random_case(16, 1);
  const std::string content = quantized(test::two_products(c.weights), "model.onnx", c.ranges,
                                        {"first"}, config_for(TargetCpu::any));
  const onnx_file::ModelFile file = onnx_file::parse_model(content, "int8.onnx");
  EXPECT_TRUE(file.problems.empty());
  EXPECT_EQ(file.ir_version, onnx_file::ir_version);
  EXPECT_EQ(file.operators.at("QuantizeLinear"), 1U);
  EXPECT_EQ(file.operators.at("DequantizeLinear"), 3U);  // input, weights, bias
  const auto has = [&](const std::string& name) {
    return std::ranges::any_of(file.initializers, [&](const auto& i) { return i.name == name; });
  };
  EXPECT_FALSE(has("first"));
  EXPECT_FALSE(has("first_bias"));
  EXPECT_TRUE(has("second"));
}

TEST(Quantize, ALargeBiasOfSmallWeightsFitsInto32Bits) {
  test::Weights weights{{1e-12F, 0, 1, 1}, {1000, 1}, {1, 1}};
  const Activations ranges{{"features", {0, 1}}, {"hidden", {0, 1000}}};
  const std::string content = quantized(test::two_products(weights), "model.onnx", ranges,
                                        {"first"}, config_for(TargetCpu::any));
  EXPECT_NEAR(OnnxModel(content, "int8.onnx").run(test::inputs_of({1, 1})).front(), 1003, 0.1);
}

// Computes like VPMADDUBSW on processors without VNNI: products are added in pairs, with saturation
// to 16 bits.
std::int64_t saturating_sum(const std::vector<std::uint8_t>& x, const std::vector<std::int8_t>& w) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < x.size(); i += 2)
    sum += std::clamp(x[i] * w[i] + x[i + 1] * w[i + 1], -32768, 32767);
  return sum;
}

std::int64_t exact_sum(const std::vector<std::uint8_t>& x, const std::vector<std::int8_t>& w) {
  return std::inner_product(x.begin(), x.end(), w.begin(), std::int64_t{0});
}

TEST(Saturation, WorstVectorsFitUnlessTheTargetHasVnni) {
  for (const float sign : {1.0F, -1.0F}) {
    const FloatTensor weights{{1, 256}, std::vector<float>(256, sign * 0.7F)};
    for (const TargetCpu cpu : {TargetCpu::any, TargetCpu::vnni}) {
      for (const LevelLimits largest : level_choices(config_for(cpu))) {
        const std::vector<std::uint8_t> x(256, static_cast<std::uint8_t>(largest.activation));
        const auto w = quantize_weights(weights, true, largest.weight).values;
        EXPECT_EQ(saturating_sum(x, w) == exact_sum(x, w), cpu == TargetCpu::any)
            << largest.activation << " and " << largest.weight;
      }
    }
  }
}

// Checks ONNX Runtime on the present processor: the second layer multiplies 256 activations of 255
// steps by the largest weights.
TEST(Saturation, ReducedRangeIsExactHere) {
  constexpr std::size_t width = 256;
  for (const float sign : {1.0F, -1.0F}) {
    test::Weights weights;
    for (std::size_t i = 0; i < 2 * width; ++i) weights.first.push_back(i % 2 == 0 ? 1.0F : 0.0F);
    weights.second.assign(width, sign * 0.7F);
    const Activations ranges{{"features", {0, 1}}, {"hidden", {0, 1}}};
    const std::string content = quantized(test::two_products(weights), "model.onnx", ranges,
                                          {"second"}, config_for(TargetCpu::any));
    const float logit = OnnxModel(content, "int8.onnx").run(test::inputs_of({1, 0})).front();
    EXPECT_NEAR(logit, sign * 0.7F * width, 1e-3F * width);
  }
}

// Few steps for an activation whose weights need many: large inputs, weights of very different
// size.
TEST(Quantize, ChoosesTheShareOfBitsAndStopsAtItsEnd) {
  const test::Weights weights{{1, 0.0101F}, {}, {1}};
  Activation input{{0, 1}, {0.5, 0.9}, {0.3, 0, 0, 100}};
  const std::string content =
      quantized(test::two_products(weights), "model.onnx", {{"features", input}}, {"first"},
                config_for(TargetCpu::any));
  EXPECT_EQ(onnx_file::parse_model(content, "int8.onnx").operators.at("Clip"), 1U);
  const OnnxModel model(content, "int8.onnx");
  EXPECT_NEAR(model.run(test::inputs_of({1, 0})).front(), 1, 1e-5);
  EXPECT_NEAR(model.run(test::inputs_of({0, 1})).front(), 1.0 / 90,
              1e-5);  // of 1 / 64, 1 / 90 and 1 / 127 the nearest to 0.0101
  EXPECT_NEAR(model.run(test::inputs_of({1.9F, 0})).front(), 1, 1e-5);  // above the range
  input.second_moments = {0, 0, 0, 0};
  const std::string plain = quantized(test::two_products(weights), "model.onnx",
                                      {{"features", input}}, {"first"}, config_for(TargetCpu::any));
  EXPECT_FALSE(onnx_file::parse_model(plain, "int8.onnx").operators.contains("Clip"));
}

TEST(Quantize, PutsTheMeanErrorOfTheWeightsIntoTheBias) {
  const test::Weights weights{{1, 0.0101F}, {0}, {1}};
  const Activation input{{0, 1}, {0.5, 1.0}, {0.25, 0.5, 0.5, 1}};
  const std::string content =
      quantized(test::two_products(weights), "model.onnx", {{"features", input}}, {"first"},
                config_for(TargetCpu::any));
  EXPECT_NEAR(OnnxModel(content, "int8.onnx").run(test::inputs_of({0, 1})).front(), 0.0101,
              1e-4);  // the weight alone would give 1/64
}

std::string refusal(const std::string& content) {
  return test::error_of<core::DataError>([&] {
    (void)quantized(content, "model.onnx", {{"features", {0, 1}}, {"hidden", {0, 1}}}, {"first"},
                    {});
  });
}

TEST(Quantize, RefusesWhatItCannotQuantize) {
  const std::string model = test::two_products(random_case(4, 1).weights);
  for (const QuantizationMethod method : both_methods) {
    const std::string once = quantized(model, "model.onnx", {{"features", {0, 1}}}, {"first"},
                                       config_for(TargetCpu::any, method));
    EXPECT_NE(
        refusal(once).find("model.onnx: the model is quantized already (it has the operator "),
        std::string::npos)
        << core::name(method);
    EXPECT_NE(refusal(once).find("give the float32 model that it was made from"),
              std::string::npos);
  }
  test::GraphBuilder graph("nothing to multiply");
  graph.node("Relu", {graph.input("features", test::ElementType::float32, {"n_nodes", 1})}, {},
             "output");
  graph.output("output", test::ElementType::float32, {"n_nodes", 1});
  graph.metadata({{"feature_names", R"(["driftR"])"}});
  EXPECT_NE(refusal(graph.serialize())
                .find("it has no linear layer (Gemm or MatMul with constant weights)"),
            std::string::npos);
  EXPECT_NE(refusal(model.substr(0, 40)).find("model.onnx: "), std::string::npos);
}

TEST(Products, ThoseOfTwoActivationsAreNone) {
  test::GraphBuilder graph("mixed");
  const std::string x = graph.input("features", test::ElementType::float32, {"n_nodes", 2});
  const std::vector<float> square{1, 2, 3, 4}, column{1, 1};
  const std::string hidden =
      graph.node("MatMul", {x, graph.constant("square", std::span<const float>(square), {2, 2})});
  const std::string scaled =
      graph.node("Gemm", {hidden, graph.constant("scaled", std::span<const float>(square), {2, 2})},
                 {{"alpha", 0.5F}});
  const std::string scores = graph.node("MatMul", {scaled, graph.node("Transpose", {hidden})});
  graph.node("MatMul",
             {graph.node("MatMul", {scores, hidden}),
              graph.constant("column", std::span<const float>(column), {2, 1})},
             {}, "output");
  graph.output("output", test::ElementType::float32, {"n_nodes", 1});
  graph.metadata({{"feature_names", R"(["driftR","globZ"])"}});
  const std::vector<LinearLayer> products =
      find_linear_layers(onnx_file::ModelEditor(graph.serialize(), "model.onnx"), "model.onnx");
  ASSERT_EQ(products.size(), 2U);
  EXPECT_EQ(products[0].name, "square");
  EXPECT_FALSE(products[0].outputs_first);
  EXPECT_EQ(products[1].name, "column");
}

}  // namespace
}  // namespace stationhit::quantization
