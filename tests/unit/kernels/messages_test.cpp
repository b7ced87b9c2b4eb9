// Maxima, sums and gathers over neighbors against their definitions in scalar double precision, on
// every instruction set.
#include <algorithm>
#include <limits>

#include <stationhit/kernels/messages.hpp>

#include "every_target.hpp"
#include "random_table.hpp"

namespace stationhit::kernels {
namespace {

using test::Matrix;
using test::RandomTable;
using test::SmallGroups;

class Messages : public test::EveryTarget {};

double act(double x, double slope) { return x > 0 ? x : slope * x; }

// One case: a table, groups, p, q and a gradient of the output.
template <class Real>
struct Case {
  std::mt19937_64 engine;
  RandomTable table;
  SmallGroups groups;
  Matrix<Real> p, q, gradient;
  Real slope;

  Case(std::size_t nodes, std::size_t columns, double activation_slope)
      : engine(nodes * 100 + columns),
        table(nodes, 5, engine),
        groups(nodes),
        p(nodes, columns, engine),
        q(nodes, columns, engine),
        gradient(nodes, columns, engine),
        slope(static_cast<Real>(activation_slope)) {}
};

// Calls work(Case) for graphs of none, one, two and many nodes, and columns that do and do not fill
// vectors.
template <class Real, class Work>
void for_cases(const Work& work) {
  for (const std::size_t nodes : {0U, 1U, 2U, 40U}) {
    for (const std::size_t columns : {1U, 7U, 64U, 83U}) {
      for (const double slope : {0.0, 0.01, 1.0}) work(Case<Real>(nodes, columns, slope));
    }
  }
}

template <class Real>
double tolerance() {
  return 40 * std::numeric_limits<Real>::epsilon();
}

template <class Real>
void expect_near(const Matrix<Real>& actual, const Matrix<double>& expected, const char* what) {
  for (std::size_t i = 0; i < expected.rows(); ++i) {
    for (std::size_t c = 0; c < expected.columns(); ++c) {
      ASSERT_NEAR(actual.at(i, c), expected.at(i, c), tolerance<Real>())
          << what << ", row " << i << ", column " << c;
    }
  }
  EXPECT_TRUE(actual.untouched_between_rows()) << what;
}

template <class Real, class Graph>
void check_max_on(const Graph& graph, const Case<Real>& c) {
  const std::size_t nodes = c.p.rows(), columns = c.p.columns();
  Matrix<double> out(nodes, columns), p_gradient(nodes, columns), q_gradient(nodes, columns);
  for (std::size_t i = 0; i < nodes; ++i) {
    const auto neighbors = graph.neighbors(i);
    for (std::size_t column = 0; column < columns && !neighbors.empty(); ++column) {
      const auto best = *std::ranges::max_element(neighbors, {},
                                                  [&](std::size_t j) { return c.q.at(j, column); });
      const double x = static_cast<Real>(c.p.at(i, column) + c.q.at(best, column));
      out.at(i, column) = act(x, c.slope);
      const double change = c.gradient.at(i, column) * (x > 0 ? 1.0 : c.slope);
      p_gradient.at(i, column) = change;
      q_gradient.at(best, column) += change;
    }
  }
  Matrix<Real> actual(nodes, columns), own(nodes, columns, 5), other(nodes, columns);
  Matrix<std::int32_t> winner(nodes, columns);
  max_message<Real>(graph.view(), c.p.read(), c.q.read(), c.slope, actual.write(), winner.write());
  max_message_backward<Real>(winner.read(), c.slope, c.gradient.read(), own.write(), other.write());
  expect_near(actual, out, "maximum");
  expect_near(own, p_gradient, "gradient of p");
  expect_near(other, q_gradient, "gradient of q");
}

template <class Real>
void check_max(const Case<Real>& c) {
  check_max_on(c.table, c);
  check_max_on(c.groups, c);
}

TEST_P(Messages, MaximumAndItsGradient) {
  for_cases<float>(check_max<float>);
  for_cases<double>(check_max<double>);
}

template <class Real, class Graph>
void check_sum_on(const Graph& graph, const Case<Real>& c, Reduction reduction) {
  const std::size_t nodes = c.p.rows(), columns = c.p.columns();
  Matrix<double> out(nodes, columns), p_gradient(nodes, columns), q_gradient(nodes, columns);
  for (std::size_t i = 0; i < nodes; ++i) {
    const auto neighbors = graph.neighbors(i);
    const double share = reduction == Reduction::sum || neighbors.empty()
                             ? 1.0
                             : 1.0 / static_cast<double>(neighbors.size());
    for (const std::size_t j : neighbors) {
      for (std::size_t column = 0; column < columns; ++column) {
        const double x = static_cast<Real>(c.p.at(i, column) + c.q.at(j, column));
        out.at(i, column) += share * act(x, c.slope);
        const double change = share * c.gradient.at(i, column) * (x > 0 ? 1.0 : c.slope);
        p_gradient.at(i, column) += change;
        q_gradient.at(j, column) += change;
      }
    }
  }
  Matrix<Real> actual(nodes, columns), own(nodes, columns, 5), other(nodes, columns);
  sum_message<Real>(graph.view(), c.p.read(), c.q.read(), c.slope, reduction, actual.write());
  sum_message_backward<Real>(graph.view(), c.p.read(), c.q.read(), c.slope, reduction,
                             c.gradient.read(), own.write(), other.write());
  expect_near(actual, out, "sum");
  expect_near(own, p_gradient, "gradient of p");
  expect_near(other, q_gradient, "gradient of q");
}

template <class Real>
void check_sum(const Case<Real>& c, Reduction reduction) {
  check_sum_on(c.table, c, reduction);
  check_sum_on(c.groups, c, reduction);
}

TEST_P(Messages, SumMeanAndTheirGradients) {
  for (const auto reduction : {Reduction::sum, Reduction::mean}) {
    for_cases<float>([&](const auto& c) { check_sum<float>(c, reduction); });
    for_cases<double>([&](const auto& c) { check_sum<double>(c, reduction); });
  }
}

template <class Real>
void check_gather(const Case<Real>& c) {
  const std::size_t nodes = c.p.rows(), columns = c.p.columns(), edges = nodes * c.table.k;
  std::mt19937_64 engine(3);
  const Matrix<Real> gradient(edges, columns, engine);
  Matrix<double> out(edges, columns), values_gradient(nodes, columns);
  for (std::size_t edge = 0; edge < edges; ++edge) {
    const auto j = c.table.index[edge];
    for (std::size_t column = 0; column < columns && j >= 0; ++column) {
      out.at(edge, column) = c.q.at(static_cast<std::size_t>(j), column);
      values_gradient.at(static_cast<std::size_t>(j), column) += gradient.at(edge, column);
    }
  }
  Matrix<Real> actual(edges, columns, 5), back(nodes, columns);
  gather<Real>(c.table.view(), c.q.read(), actual.write());
  gather_backward<Real>(c.table.view(), gradient.read(), back.write());
  expect_near(actual, out, "gathered");
  expect_near(back, values_gradient, "gradient");
}

TEST_P(Messages, GatherAndItsGradient) {
  for_cases<float>(check_gather<float>);
  for_cases<double>(check_gather<double>);
}

TEST_P(Messages, TheFirstOfEqualNeighborsWins) {
  const std::vector<std::int32_t> index{2, 1, -1, -1, 0, -1};
  const std::vector<float> p{-1, 0, -3}, q{1, 2, 2}, ones{1, 1, 1};
  std::vector<float> out(3);
  std::vector<std::int32_t> winner(3);
  max_message<float>(NeighborTable(index.data(), 3, 2), {p.data(), 3, 1}, {q.data(), 3, 1}, 0.5F,
                     {out.data(), 3, 1}, {winner.data(), 3, 1});
  EXPECT_EQ(out, (std::vector<float>{1, 0, -1}));
  EXPECT_EQ(winner, (std::vector<std::int32_t>{2, -1, -2 - 0}))
      << "passed, without neighbors, on the slope";
}

TEST_P(Messages, FloatResultsAreThoseOfTheBestTargetBitByBit) {
  const Case<float> c(40, 83, 0.01);
  const auto results = [&] {
    Matrix<float> largest(40, 83), sum(40, 83), own(40, 83), other(40, 83);
    Matrix<std::int32_t> winner(40, 83);
    max_message<float>(c.table.view(), c.p.read(), c.q.read(), c.slope, largest.write(),
                       winner.write());
    sum_message<float>(c.table.view(), c.p.read(), c.q.read(), c.slope, Reduction::mean,
                       sum.write());
    sum_message_backward<float>(c.table.view(), c.p.read(), c.q.read(), c.slope, Reduction::mean,
                                c.gradient.read(), own.write(), other.write());
    std::vector<float> all;
    for (const auto* matrix : {&largest, &sum, &own, &other}) {
      for (std::size_t i = 0; i < 40; ++i) {
        for (std::size_t column = 0; column < 83; ++column) all.push_back(matrix->at(i, column));
      }
    }
    return all;
  };
  const auto here = results();
  use(0);
  EXPECT_EQ(here, results());
}

STATIONHIT_EVERY_TARGET(Messages);

}  // namespace
}  // namespace stationhit::kernels
