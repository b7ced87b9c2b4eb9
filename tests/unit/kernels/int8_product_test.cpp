// Products in int8 against integer arithmetic by hand, bit for bit, on every instruction set: with
// VPDPBUSD where it is, with products of 16 bits elsewhere.
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <stationhit/kernels/int8_product.hpp>

#include "every_target.hpp"
#include "padded_matrix.hpp"

namespace stationhit::kernels {
namespace {

using test::PaddedMatrix;
using test::panels_of;

class Int8Product : public test::EveryTarget {
 protected:
  std::mt19937_64 engine_{7};
  ConvertedRows scratch_;

  PaddedMatrix random(std::size_t rows, std::size_t columns) { return {rows, columns, engine_}; }
  std::int32_t integer(std::int32_t low, std::int32_t high) {
    return std::uniform_int_distribution<std::int32_t>(low, high)(engine_);
  }

  Int8Layer random_layer(std::size_t inputs, std::size_t outputs, bool with_bias) {
    Int8Layer layer{.inputs = inputs, .outputs = outputs};
    layer.largest_level = 181;
    layer.zero_point = integer(0, 181);
    layer.scale = 0.0173F;
    for (std::size_t i = 0; i < inputs * outputs; ++i)
      layer.weights.push_back(static_cast<std::int8_t>(integer(-127, 127)));
    for (std::size_t o = 0; o < outputs; ++o) {
      layer.weight_scales.push_back(1e-3F * static_cast<float>(1 + o % 7));
      if (with_bias) layer.bias.push_back(integer(-100'000, 100'000));
    }
    return layer;
  }
};

std::int32_t level_of(float x, const Int8Layer& layer) {
  const auto level = static_cast<double>(std::nearbyint(x / layer.scale)) + layer.zero_point;
  return static_cast<std::int32_t>(std::clamp<double>(level, 0, layer.largest_level));
}

float result_of(const std::vector<PaddedMatrix>& parts, const Int8Layer& layer, std::size_t row,
                std::size_t out) {
  std::int32_t sum = layer.bias.empty() ? 0 : layer.bias[out];
  std::size_t in = 0;
  for (const PaddedMatrix& part : parts) {
    for (std::size_t c = 0; c < part.columns(); ++c, ++in)
      sum += (level_of(part.at(row, c), layer) - layer.zero_point) *
             layer.weights[out * layer.inputs + in];
  }
  return static_cast<float>(sum) * (layer.scale * layer.weight_scales[out]);
}

TEST_P(Int8Product, EqualsIntegerArithmeticForAllShapes) {
  for (const std::size_t rows : {0, 1, 2, 5, 6, 7, 11, 24, 53}) {
    for (const std::vector<std::size_t>& columns :
         {std::vector<std::size_t>{1}, {0, 5}, {16, 16, 3}, {8, 8, 8, 7}, {37, 1, 2, 33}, {208}}) {
      for (const std::size_t outputs : {1, 16, 17, 40, 64, 65, 130}) {
        std::vector<PaddedMatrix> parts;
        std::size_t inputs = 0;
        for (const auto n : columns) {
          parts.push_back(random(rows, n));
          inputs += n;
        }
        const Int8Layer layer = random_layer(inputs, outputs, outputs % 2 == 0);
        PaddedMatrix out(rows, outputs);
        multiply(panels_of(parts), Int8Weights(layer), {}, scratch_, out.write());
        for (std::size_t i = 0; i < rows; ++i) {
          for (std::size_t o = 0; o < outputs; ++o)
            ASSERT_EQ(out.at(i, o), result_of(parts, layer, i, o))
                << rows << " x " << inputs << " x " << outputs << ": " << i << ", " << o;
        }
      }
    }
  }
}

// Narrow panels whose rows lie one behind the other, as encodings have them.
TEST_P(Int8Product, TakesRowsWithoutPadding) {
  for (const std::size_t width : {1, 3, 8, 11, 15, 16, 20}) {
    std::vector<float> plane(29 * width);
    std::normal_distribution<float> normal;
    for (float& x : plane) x = normal(engine_);
    std::vector<PaddedMatrix> parts{PaddedMatrix(29, width), random(29, 6)};
    for (std::size_t i = 0; i < 29; ++i)
      for (std::size_t c = 0; c < width; ++c) parts[0].at(i, c) = plane[i * width + c];
    const Int8Layer layer = random_layer(width + 6, 20, true);
    const std::vector<Panel> panels{{plane.data(), width, width}, panels_of(parts)[1]};
    PaddedMatrix out(29, 20);
    multiply(panels, Int8Weights(layer), {}, scratch_, out.write());
    for (std::size_t i = 0; i < 29; ++i)
      for (std::size_t o = 0; o < 20; ++o)
        ASSERT_EQ(out.at(i, o), result_of(parts, layer, i, o)) << width << ": " << i << ", " << o;
  }
}

// Every level, the numbers half way between two, and those around them.
TEST_P(Int8Product, RoundsAsQuantizeLinear) {
  for (const float scale : {0.0173F, 1.0F / 3, 0.1F, 0.000123457F, 7.7F}) {
    Int8Layer layer{.inputs = 1, .outputs = 1, .scale = scale, .zero_point = 77};
    layer.weights = {1};
    layer.weight_scales = {1};
    std::vector<float> numbers{1e30F,
                               -1e30F,
                               std::numeric_limits<float>::infinity(),
                               -std::numeric_limits<float>::infinity(),
                               0.0F,
                               1e-40F};
    for (std::int32_t half = -200; half <= 400; ++half) {
      const float x = 0.5F * static_cast<float>(half) * scale;
      for (const float near : {x, std::nextafter(x, 1e9F), std::nextafter(x, -1e9F)})
        numbers.push_back(near);
    }
    std::vector<PaddedMatrix> parts{PaddedMatrix(numbers.size(), 1)};
    for (std::size_t i = 0; i < numbers.size(); ++i) parts[0].at(i, 0) = numbers[i];
    PaddedMatrix out(numbers.size(), 1);
    multiply(panels_of(parts), Int8Weights(layer), {}, scratch_, out.write());
    for (std::size_t i = 0; i < numbers.size(); ++i)
      ASSERT_EQ(out.at(i, 0), result_of(parts, layer, i, 0)) << numbers[i] << " / " << scale;
  }
}

TEST_P(Int8Product, AddsBeforeAndAfterTheActivation) {
  const std::vector<PaddedMatrix> parts{random(29, 20)};
  const PaddedMatrix before = random(29, 33), after = random(29, 33);
  const Int8Layer layer = random_layer(20, 33, true);
  const Int8Weights packed(layer);
  for (const float slope : {0.0F, 0.01F, 1.0F}) {
    PaddedMatrix out(29, 33);
    multiply(panels_of(parts), packed, {slope, before.read(), after.read()}, scratch_, out.write());
    for (std::size_t i = 0; i < out.rows(); ++i) {
      for (std::size_t o = 0; o < out.columns(); ++o) {
        const float x = result_of(parts, layer, i, o) + before.at(i, o);
        ASSERT_EQ(out.at(i, o), std::max(slope * x, x) + after.at(i, o));
      }
    }
  }
}

// Where two products of 8 bits are added with 16 bits, this saturates.
TEST_P(Int8Product, TheLargestSumsAreExact) {
  Int8Layer layer{.inputs = 600, .outputs = 16, .scale = 1};
  layer.weights.assign(layer.inputs * layer.outputs, 127);
  layer.weight_scales.assign(16, 1);
  std::vector<PaddedMatrix> parts{PaddedMatrix(7, 600)};
  for (std::size_t i = 0; i < 7; ++i)
    for (std::size_t c = 0; c < 600; ++c) parts[0].at(i, c) = 255;
  PaddedMatrix out(7, 16);
  multiply(panels_of(parts), Int8Weights(layer), {}, scratch_, out.write());
  EXPECT_EQ(out.at(6, 15), 600.0F * 127 * 255);
}

STATIONHIT_EVERY_TARGET(Int8Product);

}  // namespace
}  // namespace stationhit::kernels
