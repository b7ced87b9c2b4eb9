// What neighbors send, against plain loops, on every instruction set.
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <utility>
#include <vector>

#include <stationhit/kernels/neighbor_combination.hpp>

#include "every_target.hpp"
#include "ordered_bfloat16.hpp"
#include "padded_matrix.hpp"
#include "random_table.hpp"

namespace stationhit::kernels {
namespace {

using test::PaddedMatrix;

constexpr float nothing = -std::numeric_limits<float>::infinity();

float sloped(float x, float slope) { return std::max(slope * x, x); }

class NeighborCombination : public test::EveryTarget {
 protected:
  std::mt19937_64 engine_{5};
  PaddedMatrix random(std::size_t rows, std::size_t columns) { return {rows, columns, engine_}; }
};

TEST_P(NeighborCombination, TheLargestOfATable) {
  for (const std::size_t columns : {1, 16, 20, 64, 100}) {
    const test::RandomTable table(50, 7, engine_);
    const PaddedMatrix p = random(50, columns), q = random(50, columns),
                       after = random(50, columns);
    for (const float slope : {0.0F, 0.01F}) {
      PaddedMatrix out(50, columns), in_place = after;
      add_largest(table.view(), Messages{p.read(), q.read(), after.read(), slope, out.write()});
      add_largest(table.view(),
                  Messages{p.read(), q.read(), in_place.read(), slope, in_place.write()});
      EXPECT_EQ(in_place, out);
      for (std::size_t i = 0; i < 50; ++i) {
        for (std::size_t c = 0; c < columns; ++c) {
          float best = nothing;
          for (const auto j : table.neighbors(i)) best = std::max(best, q.at(j, c));
          const float message = best == nothing ? 0 : sloped(p.at(i, c) + best, slope);
          ASSERT_EQ(out.at(i, c), message + after.at(i, c)) << i << ", " << c;
        }
      }
    }
  }
}

TEST_P(NeighborCombination, TheLargestOfRoundedNumbers) {
  for (const std::size_t columns : {1, 16, 20, 32, 64, 100, 130}) {
    const std::size_t stride = padded_columns(columns);
    const test::RandomTable table(50, 7, engine_);
    const PaddedMatrix p = random(50, columns), q = random(50, columns),
                       after = random(50, columns);
    std::vector<OrderedBfloat16> ordered(51 * stride, lowest_ordered);
    for (std::size_t i = 0; i < 50; ++i)
      for (std::size_t c = 0; c < columns; ++c)
        ordered[(i + 1) * stride + c] = test::to_ordered(q.at(i, c));
    PaddedMatrix out(50, columns);
    const MatrixView<const OrderedBfloat16> rounded(ordered.data() + stride, 50, columns, stride);
    add_largest(table.view(), RoundedMessages{p.read(), rounded, after.read(), 0.01F, out.write()});
    for (std::size_t i = 0; i < 50; ++i) {
      for (std::size_t c = 0; c < columns; ++c) {
        float best = nothing;
        for (const auto j : table.neighbors(i))
          best = std::max(best, round_to_bfloat16(q.at(j, c)));
        const float message = best == nothing ? 0 : sloped(p.at(i, c) + best, 0.01F);
        ASSERT_EQ(out.at(i, c), message + after.at(i, c)) << i << ", " << c;
      }
    }
  }
}

template <class Graph>
void expect_sums(const Graph& graph, const PaddedMatrix& p, const PaddedMatrix& q) {
  for (const auto& [reduction, slope] :
       {std::pair(Reduction::sum, 0.0F), {Reduction::mean, 0.0F}, {Reduction::mean, 0.01F}}) {
    PaddedMatrix out(p.rows(), p.columns());
    add_sums(graph.view(), {p.read(), q.read(), {}, slope, out.write()}, reduction);
    for (std::size_t i = 0; i < p.rows(); ++i) {
      const auto neighbors = graph.neighbors(i);
      for (std::size_t c = 0; c < p.columns(); ++c) {
        double sum = 0;
        for (const auto j : neighbors) sum += sloped(p.at(i, c) + q.at(j, c), slope);
        if (reduction == Reduction::mean)
          sum /= static_cast<double>(std::max<std::size_t>(neighbors.size(), 1));
        ASSERT_NEAR(out.at(i, c), sum, 1e-5) << i << ", " << c;
      }
    }
  }
}

TEST_P(NeighborCombination, SumsAndMeans) {
  for (const std::size_t columns : {1, 16, 20, 64, 100}) {
    const PaddedMatrix p = random(40, columns), q = random(40, columns);
    expect_sums(test::RandomTable(40, 7, engine_), p, q);
    expect_sums(test::SmallGroups(40), p, q);
  }
}

TEST_P(NeighborCombination, TheLargestOfGroups) {
  const test::SmallGroups groups(29);
  const PaddedMatrix q = random(29, 33);
  PaddedMatrix out(groups.offsets.size() - 1, 33);
  largest_of_groups(groups.view(), q.read(), out.write());
  for (std::size_t g = 0; g < out.rows(); ++g) {
    for (std::size_t c = 0; c < 33; ++c) {
      float best = nothing;
      for (auto j = groups.offsets[g]; j < groups.offsets[g + 1]; ++j)
        best = std::max(best, q.at(static_cast<std::size_t>(j), c));
      ASSERT_EQ(out.at(g, c), best);
    }
  }
}

TEST_P(NeighborCombination, EdgesOneByOne) {
  const test::RandomTable table(30, 5, engine_);
  const PaddedMatrix p = random(30, 20), q = random(30, 20);
  std::vector<std::int32_t> targets;
  for (std::size_t e = 0; e < table.index.size(); ++e)
    targets.push_back(static_cast<std::int32_t>(e / 5));
  const EdgeList edges{table.index, targets};
  PaddedMatrix terms(table.index.size(), 20), sums(30, 20), best(30, 20),
      other(table.index.size(), 20);
  gather_terms(edges, p.read(), q.read(), terms.write());
  gather_terms(edges, {}, q.read(), other.write());
  for (std::size_t i = 0; i < 30; ++i)
    for (std::size_t c = 0; c < 20; ++c) best.at(i, c) = nothing;
  combine_edges(edges, terms.read(), Combination::sum, sums.write());
  combine_edges(edges, terms.read(), Combination::largest, best.write());
  for (std::size_t i = 0; i < 30; ++i) {
    for (std::size_t c = 0; c < 20; ++c) {
      float sum = 0, largest = nothing;
      for (const auto j : table.neighbors(i)) {
        sum += q.at(j, c) + p.at(i, c);
        largest = std::max(largest, q.at(j, c) + p.at(i, c));
      }
      ASSERT_EQ(sums.at(i, c), sum);
      ASSERT_EQ(best.at(i, c), largest);
    }
  }
  for (std::size_t e = 0; e < targets.size(); ++e) {
    const auto j = table.index[e];
    ASSERT_EQ(other.at(e, 3), j < 0 ? 0 : q.at(static_cast<std::size_t>(j), 3));
  }
}

TEST_P(NeighborCombination, EdgesThatExist) {
  constexpr std::size_t slack = 7;
  for (const std::size_t k : {1, 5, 8, 10, 16, 27}) {
    const test::RandomTable table(30, k, engine_);
    const test::TableEdges expected(table);
    std::vector<std::int32_t> source(30 * k + slack), target(source.size());
    const std::size_t n = list_edges(table.view(), source.data(), target.data());
    ASSERT_EQ(n, expected.source.size());
    source.resize(n);
    target.resize(n);
    EXPECT_EQ(source, expected.source);
    EXPECT_EQ(target, expected.target);
  }
}

TEST_P(NeighborCombination, NumbersOfNeighborsLessTheOwnOnes) {
  constexpr std::size_t first = 10, slack = 7;  // the targets begin at this row
  for (const std::size_t width : {1, 6, 8, 19}) {
    const test::RandomTable table(30, 5, engine_);
    const std::size_t stride = width + slack;
    const std::vector<float> numbers = test::random_values(30 * stride, engine_);
    const test::TableEdges list(table);
    std::vector<std::int32_t> source, target;
    for (std::size_t e = 0; e < list.source.size(); ++e) {
      if (list.target[e] < static_cast<std::int32_t>(first)) continue;
      source.push_back(list.source[e]);
      target.push_back(list.target[e] - static_cast<std::int32_t>(first));
    }
    std::vector<float> out(source.size() * width + slack);
    subtract_own({source, target}, {numbers.data(), 30, width, stride},
                 {numbers.data() + first * stride, 30 - first, width, stride}, out.data());
    for (std::size_t e = 0; e < source.size(); ++e) {
      const auto j = static_cast<std::size_t>(source[e]),
                 i = static_cast<std::size_t>(target[e]) + first;
      for (std::size_t c = 0; c < width; ++c)
        ASSERT_EQ(out[e * width + c], numbers[j * stride + c] - numbers[i * stride + c]);
    }
  }
}

STATIONHIT_EVERY_TARGET(NeighborCombination);

}  // namespace
}  // namespace stationhit::kernels
