// Attention over neighbours against its definition in scalar double precision, and its gradients against finite differences of that definition.
#include <algorithm>
#include <cmath>
#include <limits>

#include <stationhit/kernels/attention.hpp>

#include "every_target.hpp"
#include "random_table.hpp"

namespace stationhit::kernels {
namespace {

using test::Matrix;
using test::RandomTable;

class Attention : public test::EveryTarget {};

// Sizes of one case.
struct Shape {
  std::size_t nodes, heads, width;
};

// Scores and values in double precision, the inputs of the definition.
struct Inputs {
  Matrix<double> a, b, values;
};

Inputs random_inputs(const Shape& shape, std::mt19937_64& engine) {
  return {{shape.nodes, shape.heads, engine}, {shape.nodes, shape.heads, engine}, {shape.nodes, shape.heads * shape.width, engine}};
}

double leaky(double x) { return x > 0 ? x : 0.2 * x; }

Matrix<double> definition(const RandomTable& table, const Inputs& in) {
  const std::size_t heads = in.a.columns(), width = in.values.columns() / heads;
  Matrix<double> out(table.nodes, in.values.columns());
  for (std::size_t i = 0; i < table.nodes; ++i) {
    auto sources = table.neighbours(i);
    sources.push_back(i);
    for (std::size_t h = 0; h < heads; ++h) {
      double sum = 0;
      for (const auto j : sources) sum += std::exp(leaky(in.a.at(i, h) + in.b.at(j, h)));
      for (const auto j : sources) {
        const double alpha = std::exp(leaky(in.a.at(i, h) + in.b.at(j, h))) / sum;
        for (std::size_t c = h * width; c < (h + 1) * width; ++c) out.at(i, c) += alpha * in.values.at(j, c);
      }
    }
  }
  return out;
}

template <class Real>
Matrix<Real> rounded(const Matrix<double>& matrix) {
  Matrix<Real> result(matrix.rows(), matrix.columns());
  for (std::size_t i = 0; i < matrix.rows(); ++i) {
    for (std::size_t c = 0; c < matrix.columns(); ++c) result.at(i, c) = static_cast<Real>(matrix.at(i, c));
  }
  return result;
}

// Output and gradients of the kernels for sum(weight * output).
template <class Real>
struct Results {
  Matrix<Real> out, alpha, a, b, values;

  Results(const RandomTable& table, const Inputs& in, const Matrix<double>& weight)
      : out(table.nodes, in.values.columns(), 5),
        alpha(table.nodes, in.a.columns() * (table.k + 1), 5),
        a(table.nodes, in.a.columns(), 5),
        b(table.nodes, in.a.columns()),
        values(table.nodes, in.values.columns()) {
    const auto own = rounded<Real>(in.a), other = rounded<Real>(in.b), all = rounded<Real>(in.values), gradient = rounded<Real>(weight);
    attend<Real>(table.view(), own.read(), other.read(), all.read(), out.write(), alpha.write());
    attend_backward<Real>({table.view(), own.read(), other.read(), all.read(), alpha.read()}, gradient.read(), a.write(), b.write(), values.write());
  }
};

template <class Real>
void check_forward(const Shape& shape) {
  std::mt19937_64 engine(shape.nodes + shape.width);
  const RandomTable table(shape.nodes, 6, engine);
  const Inputs in = random_inputs(shape, engine);
  const auto expected = definition(table, in);
  const Results<Real> actual(table, in, expected);
  for (std::size_t i = 0; i < shape.nodes; ++i) {
    for (std::size_t c = 0; c < expected.columns(); ++c) {
      ASSERT_NEAR(actual.out.at(i, c), expected.at(i, c), 40 * std::numeric_limits<Real>::epsilon());
    }
  }
  EXPECT_TRUE(actual.out.untouched_between_rows() && actual.alpha.untouched_between_rows());
}

TEST_P(Attention, IsItsDefinition) {
  for (const std::size_t nodes : {0U, 1U, 2U, 30U}) {
    for (const std::size_t width : {1U, 5U, 16U}) {
      check_forward<float>({nodes, 4, width});
      check_forward<double>({nodes, 3, width});
    }
  }
}

double weighted_sum(const Matrix<double>& x, const Matrix<double>& weight) {
  double sum = 0;
  for (std::size_t i = 0; i < x.rows(); ++i) {
    for (std::size_t c = 0; c < x.columns(); ++c) sum += x.at(i, c) * weight.at(i, c);
  }
  return sum;
}

// Compares the gradient of sum(weight * output) with central differences of the definition.
template <class Real>
void check_gradient(const RandomTable& table, Inputs in, const Matrix<double>& weight, Matrix<double> Inputs::*input, const Matrix<Real>& actual,
                    double tolerance) {
  constexpr double step = 1e-5;
  for (std::size_t i = 0; i < table.nodes; ++i) {
    for (std::size_t c = 0; c < actual.columns(); ++c) {
      double& entry = (in.*input).at(i, c);
      const double middle = entry;
      entry = middle + step;
      const double up = weighted_sum(definition(table, in), weight);
      entry = middle - step;
      const double down = weighted_sum(definition(table, in), weight);
      entry = middle;
      ASSERT_NEAR(actual.at(i, c), (up - down) / (2 * step), tolerance) << i << ' ' << c;
    }
  }
}

TEST_P(Attention, GradientsMatchFiniteDifferences) {
  std::mt19937_64 engine(4);
  const Shape shape{9, 2, 5};
  const RandomTable table(shape.nodes, 4, engine);
  const Inputs in = random_inputs(shape, engine);
  const Matrix<double> weight(shape.nodes, shape.heads * shape.width, engine);
  const Results<double> exact(table, in, weight);
  check_gradient(table, in, weight, &Inputs::a, exact.a, 1e-8);
  check_gradient(table, in, weight, &Inputs::b, exact.b, 1e-8);
  check_gradient(table, in, weight, &Inputs::values, exact.values, 1e-8);
  const Results<float> single(table, in, weight);
  check_gradient(table, in, weight, &Inputs::a, single.a, 1e-5);
  check_gradient(table, in, weight, &Inputs::b, single.b, 1e-5);
  check_gradient(table, in, weight, &Inputs::values, single.values, 1e-5);
}

TEST_P(Attention, LargeScoresDoNotOverflow) {
  const std::vector<std::int32_t> index{1, -1};
  const std::vector<float> a{500, -3000}, b{-100, 400}, values{2, 3};
  std::vector<float> out(2), alpha(4);
  attend<float>({index.data(), 2, 1}, {a.data(), 2, 1}, {b.data(), 2, 1}, {values.data(), 2, 1}, {out.data(), 2, 1}, {alpha.data(), 2, 2});
  EXPECT_EQ(out, (std::vector<float>{3, 3}));
  EXPECT_EQ(alpha, (std::vector<float>{0, 1, 1, 0}));
}

STATIONHIT_EVERY_TARGET(Attention);

}  // namespace
}  // namespace stationhit::kernels
