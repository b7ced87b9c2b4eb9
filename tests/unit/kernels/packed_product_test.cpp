// Products with packed weights against sums in double precision, on every instruction set.
#include <cmath>
#include <random>
#include <vector>

#include <stationhit/kernels/packed_product.hpp>

#include "every_target.hpp"
#include "padded_matrix.hpp"

namespace stationhit::kernels {
namespace {

using test::PaddedMatrix;
using test::panels_of;

class PackedProduct : public test::EveryTarget {
 protected:
  std::mt19937_64 engine_{3};

  PaddedMatrix random(std::size_t rows, std::size_t columns) { return {rows, columns, engine_}; }
  std::vector<float> random(std::size_t n) { return test::random_values(n, engine_); }
};

double sum_of(const std::vector<PaddedMatrix>& parts, const PaddedMatrix& weight,
              const std::vector<float>& bias, std::size_t row, std::size_t out) {
  double sum = bias.empty() ? 0 : bias[out];
  std::size_t in = 0;
  for (const PaddedMatrix& part : parts) {
    for (std::size_t c = 0; c < part.columns(); ++c, ++in)
      sum += static_cast<double>(part.at(row, c)) * weight.at(out, in);
  }
  return sum;
}

TEST_P(PackedProduct, EqualsTheSumsForAllShapes) {
  for (const std::size_t rows : {0, 1, 2, 5, 6, 7, 11, 48}) {
    for (const std::vector<std::size_t>& columns :
         {std::vector<std::size_t>{1}, {0, 5}, {16, 16, 3}, {208}}) {
      for (const std::size_t outputs : {1, 7, 16, 17, 40, 64, 65, 130, 192}) {
        std::vector<PaddedMatrix> parts;
        std::size_t inputs = 0;
        for (const auto n : columns) {
          parts.push_back(random(rows, n));
          inputs += n;
        }
        const PaddedMatrix weight = random(outputs, inputs);
        const std::vector<float> bias = random(outputs);
        PaddedMatrix out(rows, outputs);
        const PackedWeights packed(weight.read(), bias);
        multiply(panels_of(parts), packed, {}, out.write());
        for (std::size_t i = 0; i < rows; ++i) {
          for (std::size_t o = 0; o < outputs; ++o)
            ASSERT_NEAR(out.at(i, o), sum_of(parts, weight, bias, i, o), 1e-4)
                << rows << " x " << inputs << " x " << outputs << ": " << i << ", " << o;
        }
      }
    }
  }
}

TEST_P(PackedProduct, AddsBeforeAndAfterTheActivation) {
  const std::vector<PaddedMatrix> parts{random(13, 20)};
  const PaddedMatrix weight = random(33, 20), before = random(13, 33), after = random(13, 33);
  const PackedWeights packed(weight.read(), {});
  for (const float slope : {0.0F, 0.01F, 1.0F}) {
    PaddedMatrix out(13, 33);
    multiply(panels_of(parts), packed, {slope, before.read(), after.read()}, out.write());
    for (std::size_t i = 0; i < out.rows(); ++i) {
      for (std::size_t o = 0; o < out.columns(); ++o) {
        const double x = sum_of(parts, weight, {}, i, o) + before.at(i, o);
        ASSERT_NEAR(out.at(i, o), (x > 0 ? x : slope * x) + after.at(i, o), 1e-4);
      }
    }
    PaddedMatrix in_place = before;
    multiply(panels_of(parts), packed, {slope, in_place.read(), after.read()}, in_place.write());
    EXPECT_EQ(in_place, out);
    in_place = after;
    multiply(panels_of(parts), packed, {slope, before.read(), in_place.read()}, in_place.write());
    EXPECT_EQ(in_place, out);
  }
}

TEST_P(PackedProduct, ARowDoesNotDependOnTheOthers) {
  const std::vector<PaddedMatrix> parts{random(17, 100)};
  const PackedWeights packed(random(64, 100).read(), random(64));
  PaddedMatrix all(17, 64), alone(1, 64);
  multiply(panels_of(parts), packed, {.slope = 0}, all.write());
  for (std::size_t i = 0; i < all.rows(); ++i) {
    const Panel panel{parts.front().read().row(i), parts.front().read().stride, 100};
    multiply({&panel, 1}, packed, {.slope = 0}, alone.write());
    for (std::size_t o = 0; o < 64; ++o) ASSERT_EQ(alone.at(0, o), all.at(i, o)) << i;
  }
}

STATIONHIT_EVERY_TARGET(PackedProduct);

}  // namespace
}  // namespace stationhit::kernels
