// Attention over neighbors against its definition in scalar double precision, and its gradients
// against finite differences of that definition.
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
using test::SmallGroups;

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
  return {{shape.nodes, shape.heads, engine},
          {shape.nodes, shape.heads, engine},
          {shape.nodes, shape.heads * shape.width, engine}};
}

constexpr double slope = 0.2;

double leaky(double x) { return x > 0 ? x : slope * x; }

// The nodes that node i attends to: itself, once, and its neighbors.
std::vector<std::size_t> sources_of(const RandomTable& table, std::size_t i) {
  auto sources = table.neighbors(i);
  sources.push_back(i);
  return sources;
}
std::vector<std::size_t> sources_of(const SmallGroups& groups, std::size_t i) {
  return groups.neighbors(i);
}

template <class Graph>
Matrix<double> definition(const Graph& graph, const Inputs& in) {
  const std::size_t heads = in.a.columns(), width = in.values.columns() / heads;
  Matrix<double> out(graph.nodes, in.values.columns());
  for (std::size_t i = 0; i < graph.nodes; ++i) {
    const auto sources = sources_of(graph, i);
    for (std::size_t h = 0; h < heads; ++h) {
      double sum = 0;
      for (const auto j : sources) sum += std::exp(leaky(in.a.at(i, h) + in.b.at(j, h)));
      for (const auto j : sources) {
        const double alpha = std::exp(leaky(in.a.at(i, h) + in.b.at(j, h))) / sum;
        for (std::size_t c = h * width; c < (h + 1) * width; ++c)
          out.at(i, c) += alpha * in.values.at(j, c);
      }
    }
  }
  return out;
}

template <class Real>
Matrix<Real> rounded(const Matrix<double>& matrix) {
  Matrix<Real> result(matrix.rows(), matrix.columns());
  for (std::size_t i = 0; i < matrix.rows(); ++i) {
    for (std::size_t c = 0; c < matrix.columns(); ++c)
      result.at(i, c) = static_cast<Real>(matrix.at(i, c));
  }
  return result;
}

// Output and gradients of the kernels for sum(weight * output).
template <class Real>
struct Results {
  Matrix<Real> out;
  std::vector<Real> alpha;
  Matrix<Real> a, b, values;

  template <class Graph>
  Results(const Graph& graph, const Inputs& in, const Matrix<double>& weight)
      : out(graph.nodes, in.values.columns(), 5),
        alpha(attention_weights(graph.view(), in.a.columns())),
        a(graph.nodes, in.a.columns(), 5),
        b(graph.nodes, in.a.columns()),
        values(graph.nodes, in.values.columns()) {
    const auto own = rounded<Real>(in.a), other = rounded<Real>(in.b),
               all = rounded<Real>(in.values), gradient = rounded<Real>(weight);
    const AttentionScores<Real> scores{own.read(), other.read(), static_cast<Real>(slope)};
    attend<Real>(graph.view(), scores, all.read(), out.write(), alpha);
    attend_backward<Real>({graph.view(), scores, all.read(), alpha}, gradient.read(), a.write(),
                          b.write(), values.write());
  }
};

template <class Real, class Graph>
void check_forward_on(const Graph& graph, const Inputs& in) {
  const auto expected = definition(graph, in);
  const Results<Real> actual(graph, in, expected);
  for (std::size_t i = 0; i < graph.nodes; ++i) {
    for (std::size_t c = 0; c < expected.columns(); ++c) {
      ASSERT_NEAR(actual.out.at(i, c), expected.at(i, c),
                  40 * std::numeric_limits<Real>::epsilon());
    }
  }
  EXPECT_TRUE(actual.out.untouched_between_rows());
}

template <class Real>
void check_forward(const Shape& shape) {
  std::mt19937_64 engine(shape.nodes + shape.width);
  const RandomTable table(shape.nodes, 6, engine);
  const Inputs in = random_inputs(shape, engine);
  check_forward_on<Real>(table, in);
  check_forward_on<Real>(SmallGroups(shape.nodes), in);
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
template <class Real, class Graph>
void check_gradient(const Graph& graph, Inputs in, const Matrix<double>& weight,
                    Matrix<double> Inputs::*input, const Matrix<Real>& actual, double tolerance) {
  constexpr double step = 1e-5;
  for (std::size_t i = 0; i < graph.nodes; ++i) {
    for (std::size_t c = 0; c < actual.columns(); ++c) {
      double& entry = (in.*input).at(i, c);
      const double middle = entry;
      entry = middle + step;
      const double up = weighted_sum(definition(graph, in), weight);
      entry = middle - step;
      const double down = weighted_sum(definition(graph, in), weight);
      entry = middle;
      ASSERT_NEAR(actual.at(i, c), (up - down) / (2 * step), tolerance) << i << ' ' << c;
    }
  }
}

template <class Real, class Graph>
void check_gradients(const Graph& graph, const Inputs& in, const Matrix<double>& weight,
                     double tolerance) {
  const Results<Real> results(graph, in, weight);
  check_gradient(graph, in, weight, &Inputs::a, results.a, tolerance);
  check_gradient(graph, in, weight, &Inputs::b, results.b, tolerance);
  check_gradient(graph, in, weight, &Inputs::values, results.values, tolerance);
}

TEST_P(Attention, GradientsMatchFiniteDifferences) {
  std::mt19937_64 engine(4);
  const Shape shape{9, 2, 5};
  const RandomTable table(shape.nodes, 4, engine);
  const Inputs in = random_inputs(shape, engine);
  const Matrix<double> weight(shape.nodes, shape.heads * shape.width, engine);
  check_gradients<double>(table, in, weight, 1e-8);
  check_gradients<float>(table, in, weight, 1e-5);
  check_gradients<double>(SmallGroups(shape.nodes), in, weight, 1e-8);
  check_gradients<float>(SmallGroups(shape.nodes), in, weight, 1e-5);
}

TEST_P(Attention, LargeScoresDoNotOverflow) {
  const std::vector<std::int32_t> index{1, -1};
  const std::vector<float> a{500, -3000}, b{-100, 400}, values{2, 3};
  std::vector<float> out(2), alpha(4);
  attend<float>(NeighborTable(index.data(), 2, 1), {{a.data(), 2, 1}, {b.data(), 2, 1}, 0.2F},
                {values.data(), 2, 1}, {out.data(), 2, 1}, alpha);
  EXPECT_EQ(out, (std::vector<float>{3, 3}));
  EXPECT_EQ(alpha, (std::vector<float>{0, 1, 1, 0}));
}

STATIONHIT_EVERY_TARGET(Attention);

}  // namespace
}  // namespace stationhit::kernels
