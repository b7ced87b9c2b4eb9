// Operations on rows against their definitions in double precision, on every instruction set.
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <stationhit/kernels/row_operations.hpp>

#include "every_target.hpp"
#include "padded_matrix.hpp"

namespace stationhit::kernels {
namespace {

using test::PaddedMatrix;

class RowOperations : public test::EveryTarget {
 protected:
  std::mt19937_64 engine_{9};
};

TEST_P(RowOperations, LayerNorm) {
  for (const std::size_t columns : {1, 5, 16, 20, 64, 100}) {
    const PaddedMatrix x(7, columns, engine_), constants(2, columns, engine_);
    PaddedMatrix out(7, columns);
    const auto row = [&](std::size_t i) {
      return std::span(constants.read().row(i), constants.read().stride);
    };
    normalize_rows(x.read(), {row(0), row(1), 1e-5F}, out.write());
    for (std::size_t i = 0; i < x.rows(); ++i) {
      double mean = 0, variance = 0;
      for (std::size_t c = 0; c < columns; ++c) mean += x.at(i, c) / static_cast<double>(columns);
      for (std::size_t c = 0; c < columns; ++c)
        variance += (x.at(i, c) - mean) * (x.at(i, c) - mean) / static_cast<double>(columns);
      for (std::size_t c = 0; c < columns; ++c) {
        const double expected =
            (x.at(i, c) - mean) / std::sqrt(variance + 1e-5) * constants.at(0, c) +
            constants.at(1, c);
        ASSERT_NEAR(out.at(i, c), expected, 1e-5 * (1 + std::abs(expected))) << columns;
      }
      for (std::size_t c = columns; c < out.read().stride; ++c)
        ASSERT_EQ(out.read().row(i)[c], 0.0F);
    }
  }
}

TEST_P(RowOperations, FinishedRows) {
  const PaddedMatrix x(5, 20, engine_), bias(1, 20, engine_), after(5, 20, engine_);
  PaddedMatrix out(5, 20);
  finish_rows(x.read(), {bias.read().data, 5, 20, 0}, 0.01F, after.read(), out.write());
  for (std::size_t i = 0; i < 5; ++i) {
    for (std::size_t c = 0; c < 20; ++c) {
      const float sum = x.at(i, c) + bias.at(0, c);
      ASSERT_EQ(out.at(i, c), std::max(0.01F * sum, sum) + after.at(i, c));
    }
  }
}

// From tiny to huge, both signs.
std::vector<float> all_sizes() {
  std::vector<float> values{0.0F, -0.0F};
  for (float x = 1e-8F; x < 1e8F; x *= 1.7F) {
    values.push_back(x);
    values.push_back(-x);
  }
  values.resize(padded_columns(values.size()), 0.0F);
  return values;
}

template <class Apply, class Definition>
void expect_function(const Apply& apply, const Definition& definition) {
  const std::vector<float> before = all_sizes();
  std::vector<float> values = before;
  apply(std::span<float>(values));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double expected = definition(static_cast<double>(before[i]));
    ASSERT_NEAR(values[i], expected, 1e-6 * std::abs(expected) + 1e-7) << before[i];
  }
}

TEST_P(RowOperations, Functions) {
  expect_function(apply_silu, [](double x) { return x / (1 + std::exp(-x)); });
  expect_function(apply_gelu, [](double x) { return x / 2 * (1 + std::erf(x / std::sqrt(2.0))); });
  expect_function([](std::span<float> values) { apply_signed_logarithm(values, 0.25F); },
                  [](double x) { return std::copysign(std::log1p(std::abs(x)) * 0.25, x); });
}

TEST_P(RowOperations, LogarithmsOfOneMoreKeepAllDigits) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  std::vector<float> before{0.0F,
                            0.41421354F,
                            0.41421357F,
                            1.0F,
                            2e38F,
                            infinity,
                            std::numeric_limits<float>::quiet_NaN()};
  for (float x = std::numeric_limits<float>::min(); x < 1e38F; x *= 1.0071F) before.push_back(x);
  before.resize(padded_columns(before.size()), 0.0F);
  std::vector<float> values = before;
  apply_log1p(values);
  EXPECT_EQ(values[5], infinity);
  EXPECT_TRUE(std::isnan(values[6]));
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i == 5 || i == 6) continue;
    const double expected = std::log1p(double{before[i]});
    ASSERT_NEAR(values[i], expected, 2e-7 * expected) << before[i];
    // What stands beside a number changes nothing.
    std::vector<float> alone(16, before[i]);
    apply_log1p(alone);
    ASSERT_EQ(values[i], alone[0]);
  }
}

STATIONHIT_EVERY_TARGET(RowOperations);

}  // namespace
}  // namespace stationhit::kernels
