// Products in bfloat16 against the sums that their header promises, bit for bit, on every
// instruction set: with VDPBF16PS where it is, with float32 products elsewhere.
#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <vector>

#include <stationhit/kernels/bfloat16_product.hpp>

#include "every_target.hpp"
#include "ordered_bfloat16.hpp"
#include "padded_matrix.hpp"

namespace stationhit::kernels {
namespace {

using test::PaddedMatrix;
using test::panels_of;

class Bfloat16Product : public test::EveryTarget {
 protected:
  std::mt19937_64 engine_{5};
  ConvertedRows scratch_;

  PaddedMatrix random(std::size_t rows, std::size_t columns) { return {rows, columns, engine_}; }
  std::vector<float> random(std::size_t n) { return test::random_values(n, engine_); }
};

// The second number of every pair comes first.
float sum_of(const std::vector<PaddedMatrix>& parts, const PaddedMatrix& weight,
             const std::vector<float>& bias, std::size_t row, std::size_t out) {
  std::vector<float> a, w;
  for (const PaddedMatrix& part : parts)
    for (std::size_t c = 0; c < part.columns(); ++c)
      a.push_back(round_to_bfloat16(part.at(row, c)));
  for (std::size_t in = 0; in < a.size(); ++in) w.push_back(round_to_bfloat16(weight.at(out, in)));
  if (a.size() % 2 == 1) {
    a.push_back(0);
    w.push_back(0);
  }
  float sum = bias.empty() ? 0 : bias[out];
  for (std::size_t in = 0; in < a.size(); ++in) sum += a[in ^ 1U] * w[in ^ 1U];
  return sum;
}

TEST(RoundToBfloat16, GivesTheNearestAndTiesToEven) {
  const auto from_bits = [](std::uint32_t bits) { return std::bit_cast<float>(bits); };
  EXPECT_EQ(round_to_bfloat16(1.0F), 1.0F);
  EXPECT_EQ(round_to_bfloat16(from_bits(0x3F808000)), from_bits(0x3F800000));
  EXPECT_EQ(round_to_bfloat16(from_bits(0x3F818000)), from_bits(0x3F820000));
  EXPECT_EQ(round_to_bfloat16(from_bits(0x3F808001)), from_bits(0x3F810000));
  EXPECT_EQ(round_to_bfloat16(-from_bits(0x3F817FFF)), -from_bits(0x3F810000));
  EXPECT_EQ(round_to_bfloat16(std::numeric_limits<float>::denorm_min()), 0);
  EXPECT_EQ(round_to_bfloat16(std::numeric_limits<float>::max()),
            std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(round_to_bfloat16(from_bits(0x7F800001))));
}

TEST_P(Bfloat16Product, EqualsTheSumsForAllShapes) {
  for (const std::size_t rows : {0, 1, 2, 5, 6, 7, 11, 24, 53}) {
    for (const std::vector<std::size_t>& columns :
         {std::vector<std::size_t>{1}, {0, 5}, {16, 16, 3}, {8, 8, 8, 7}, {37, 1, 2, 33}, {208}}) {
      for (const std::size_t outputs : {1, 7, 16, 17, 40, 64, 65, 130}) {
        std::vector<PaddedMatrix> parts;
        std::size_t inputs = 0;
        for (const auto n : columns) {
          parts.push_back(random(rows, n));
          inputs += n;
        }
        const PaddedMatrix weight = random(outputs, inputs);
        const std::vector<float> bias = random(outputs);
        PaddedMatrix out(rows, outputs);
        const Bfloat16Weights packed(weight.read(), bias);
        multiply(panels_of(parts), packed, {}, scratch_, out.write());
        for (std::size_t i = 0; i < rows; ++i) {
          for (std::size_t o = 0; o < outputs; ++o)
            ASSERT_EQ(out.at(i, o), sum_of(parts, weight, bias, i, o))
                << rows << " x " << inputs << " x " << outputs << ": " << i << ", " << o;
        }
      }
    }
  }
}

TEST_P(Bfloat16Product, AddsBeforeAndAfterTheActivation) {
  const std::vector<PaddedMatrix> parts{random(29, 20)};
  const PaddedMatrix weight = random(33, 20), before = random(29, 33), after = random(29, 33);
  const Bfloat16Weights packed(weight.read(), {});
  for (const float slope : {0.0F, 0.01F, 1.0F}) {
    PaddedMatrix out(29, 33);
    const ProductEnd end{slope, before.read(), after.read()};
    multiply(panels_of(parts), packed, end, scratch_, out.write());
    for (std::size_t i = 0; i < out.rows(); ++i) {
      for (std::size_t o = 0; o < out.columns(); ++o) {
        const float x = sum_of(parts, weight, {}, i, o) + before.at(i, o);
        ASSERT_EQ(out.at(i, o), std::max(slope * x, x) + after.at(i, o));
      }
    }
    PaddedMatrix in_place = before;
    multiply(panels_of(parts), packed, {slope, in_place.read(), after.read()}, scratch_,
             in_place.write());
    EXPECT_EQ(in_place, out);
  }
}

TEST_P(Bfloat16Product, IsRoundedInTheOrderOfIntegers) {
  const std::vector<PaddedMatrix> parts{random(53, 20)};
  const PaddedMatrix weight = random(70, 20);
  const std::vector<float> bias = random(70);
  const Bfloat16Weights packed(weight.read(), bias);
  const std::size_t stride = padded_columns(70);
  std::vector<OrderedBfloat16> out(53 * stride);
  ConvertedRows memory;
  multiply(round_rows(panels_of(parts), 0, 53, packed, memory), packed, scratch_,
           MatrixView(out.data(), 53, 70, stride));
  for (std::size_t i = 0; i < 53; ++i) {
    for (std::size_t o = 0; o < 70; ++o) {
      const float sum = sum_of(parts, weight, bias, i, o);
      ASSERT_EQ(test::from_ordered(out[i * stride + o]), round_to_bfloat16(sum));
      ASSERT_EQ(out[i * stride + o] < out.front(),
                round_to_bfloat16(sum) < test::from_ordered(out.front()));
    }
  }
}

TEST_P(Bfloat16Product, RowsAreRoundedOnceForSeveralProducts) {
  const std::vector<PaddedMatrix> parts{random(40, 8), random(40, 8), random(40, 5)};
  const Bfloat16Weights one(random(30, 21).read(), random(30)), other(random(70, 21).read(), {});
  const Bfloat16Rows rows = round_rows(panels_of(parts), 7, 33, one, scratch_);
  std::vector<Panel> panels = panels_of(parts);
  for (Panel& panel : panels) panel.data += 7 * panel.stride;
  for (const Bfloat16Weights& weights : {std::cref(one), std::cref(other)}) {
    PaddedMatrix expected(33, weights.outputs()), out(33, weights.outputs());
    multiply(rows, weights, {}, out.write());
    ConvertedRows memory;
    multiply(panels, weights, {}, memory, expected.write());
    EXPECT_EQ(out, expected);
  }
}

// The encoding that is written rounded is that of the planes, rounded; wide and narrow, with one
// frequency and with one for every number, alone and beside other columns.
TEST_P(Bfloat16Product, EncodingsAreThoseOfTheirPlanes) {
  constexpr std::size_t rows = 48, scales = 3;
  for (const std::size_t width : {1, 3, 7, 8, 9, 13, 16, 17, 33}) {
    for (const std::size_t per_scale : {std::size_t{1}, width}) {
      for (const std::size_t n : {1, 2, 47, 48}) {
        const std::vector<float> frequencies = random(scales * per_scale);
        const WaveEncoder waves({frequencies.data(), scales, per_scale}, width, rows);
        std::vector<float> numbers = random(padded_columns(rows * width));
        numbers[0] = std::numeric_limits<float>::denorm_min();
        std::vector<float> planes(2 * scales * waves.plane());
        waves.encode(numbers.data(), n, 0, scales, planes.data());
        const std::vector<PaddedMatrix> beside{random(n, 5), random(n, 2)};
        const std::vector<Panel> outer = panels_of(beside);
        std::vector<Panel> panels{outer[0]};
        for (std::size_t plane = 0; plane < 2 * scales; ++plane)
          panels.push_back({planes.data() + plane * waves.plane(), width, width});
        panels.push_back(outer[1]);
        const Bfloat16Weights weights(random(20, 7 + 2 * scales * width).read(), random(20));
        ConvertedRows memory;
        const auto rounded = round_encoded(
            {{outer.data(), 1}, waves, numbers.data(), {&outer[1], 1}}, n, weights, memory);
        ASSERT_EQ(rounded.has_value(), weights.in_pairs());
        if (!rounded) continue;
        PaddedMatrix expected(n, 20), out(n, 20);
        multiply(panels, weights, {}, scratch_, expected.write());
        multiply(*rounded, weights, {}, out.write());
        EXPECT_EQ(out, expected) << width << " numbers, " << n << " rows";
      }
    }
  }
}

TEST_P(Bfloat16Product, EncodingsOfLargeAnglesAreLeftToThePlanes) {
  const std::vector<float> frequency{1.0F};
  const WaveEncoder waves({frequency.data(), 1, 1}, 8, 2);
  const Bfloat16Weights weights(random(3, 16).read(), {});
  std::vector<float> numbers = random(16);
  for (const float large : {2e6F, std::numeric_limits<float>::quiet_NaN()}) {
    numbers[15] = large;
    EXPECT_FALSE(round_encoded({{}, waves, numbers.data(), {}}, 2, weights, scratch_).has_value());
  }
}

// Numbers that are not finite reach the sums of their own row only, and what a wide panel leaves
// behind its columns none.
TEST_P(Bfloat16Product, ARowDoesNotDependOnTheOthers) {
  PaddedMatrix rows = random(31, 21);
  rows.at(30, 20) = std::numeric_limits<float>::infinity();
  rows.at(29, 0) = std::numeric_limits<float>::quiet_NaN();
  const std::vector<PaddedMatrix> parts{random(31, 100), rows};
  const Bfloat16Weights packed(random(64, 121).read(), random(64));
  PaddedMatrix all(31, 64), alone(1, 64);
  multiply(panels_of(parts), packed, {.slope = 0}, scratch_, all.write());
  for (std::size_t i = 0; i < 29; ++i) {
    std::vector<Panel> panels = panels_of(parts);
    for (Panel& panel : panels) panel.data += i * panel.stride;
    multiply(panels, packed, {.slope = 0}, scratch_, alone.write());
    for (std::size_t o = 0; o < 64; ++o) ASSERT_EQ(alone.at(0, o), all.at(i, o)) << i;
  }
}

STATIONHIT_EVERY_TARGET(Bfloat16Product);

}  // namespace
}  // namespace stationhit::kernels
