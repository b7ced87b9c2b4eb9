// Products along edges against plain loops, on every instruction set, and that the other edges of a
// call change no bit.
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <stationhit/kernels/edge_products.hpp>

#include "every_target.hpp"
#include "padded_matrix.hpp"
#include "random_table.hpp"

namespace stationhit::kernels {
namespace {

using test::PaddedMatrix;

struct Sizes {
  std::size_t inputs, outputs;
};
constexpr Sizes sizes[]{{6, 16}, {16, 16}, {3, 20}, {32, 32}, {17, 48}, {64, 64}, {5, 130}};

class EdgeProducts : public test::EveryTarget {
 protected:
  static constexpr std::size_t nodes = 50;

  std::mt19937_64 engine_{5};
  test::RandomTable table_{nodes, 7, engine_};
  test::TableEdges list_{table_};

  PaddedMatrix random(std::size_t rows, std::size_t columns) { return {rows, columns, engine_}; }
  [[nodiscard]] std::size_t n_edges() const { return list_.source.size(); }
  [[nodiscard]] EdgeList edges(std::size_t first, std::size_t n) const {
    return {std::span(list_.source).subspan(first, n), std::span(list_.target).subspan(first, n)};
  }
  [[nodiscard]] EdgeList first_edges(std::size_t n) const { return edges(0, n); }
  [[nodiscard]] EdgeList edges() const { return first_edges(n_edges()); }
};

double product(const PaddedMatrix& rows, std::size_t row, const std::vector<float>& weight,
               std::size_t output) {
  double sum = 0;
  for (std::size_t c = 0; c < rows.columns(); ++c)
    sum += double{rows.at(row, c)} * weight[output * rows.columns() + c];
  return sum;
}

TEST_P(EdgeProducts, OfGatheredTermsAndValues) {
  for (const auto& [inputs, outputs] : sizes) {
    const PaddedMatrix p = random(nodes, outputs), q = random(nodes, outputs),
                       values = random(n_edges(), inputs);
    const std::vector<float> weight = test::random_values(outputs * inputs, engine_);
    const PackedWeights packed({weight.data(), outputs, inputs}, {});
    for (const bool with_p : {true, false}) {
      const EdgeTerms terms{with_p ? p.read() : MatrixView<const float>(), q.read(), 0.01F};
      PaddedMatrix out(n_edges(), outputs), some(5, outputs);
      multiply_edges(edges(), terms, panel_of(values.read()), packed, out.write());
      multiply_edges(first_edges(5), terms, panel_of(values.read()), packed, some.write());
      for (std::size_t e = 0; e < n_edges(); ++e) {
        const auto j = static_cast<std::size_t>(list_.source[e]),
                   i = static_cast<std::size_t>(list_.target[e]);
        for (std::size_t o = 0; o < outputs; ++o) {
          const double x = (with_p ? p.at(i, o) : 0.0) + q.at(j, o) + product(values, e, weight, o);
          ASSERT_NEAR(out.at(e, o), std::max(x, 0.01 * x), 2e-5) << e << ", " << o;
          if (e < 5) {
            ASSERT_EQ(out.at(e, o), some.at(e, o));
          }
        }
      }
    }
  }
}

TEST_P(EdgeProducts, TheLargestOfEveryTarget) {
  constexpr float nothing = -std::numeric_limits<float>::infinity();
  for (const auto& [inputs, outputs] : sizes) {
    const PaddedMatrix rows = random(n_edges(), inputs);
    const std::vector<float> weight = test::random_values(outputs * inputs, engine_),
                             bias = test::random_values(outputs, engine_);
    const PackedWeights packed({weight.data(), outputs, inputs}, bias);
    PaddedMatrix totals(nodes, outputs), products(n_edges(), outputs);
    for (std::size_t i = 0; i < nodes; ++i)
      for (std::size_t o = 0; o < outputs; ++o) totals.at(i, o) = nothing;
    // The edges of a target are in two calls.
    std::size_t cut = n_edges() / 2;
    while (list_.target[cut] != list_.target[cut - 1]) ++cut;
    const Panel panel = panel_of(rows.read());
    const Panel second{panel.data + cut * panel.stride, panel.stride, panel.columns};
    add_largest_products(first_edges(cut), panel, packed, totals.write());
    add_largest_products(edges(cut, n_edges() - cut), second, packed, totals.write());
    multiply({&panel, 1}, packed, {}, products.write());
    for (std::size_t o = 0; o < outputs; ++o) {
      std::vector<float> largest(nodes, nothing);
      for (std::size_t e = 0; e < n_edges(); ++e) {
        float& best = largest[static_cast<std::size_t>(list_.target[e])];
        best = std::max(best, products.at(e, o));
      }
      for (std::size_t i = 0; i < nodes; ++i) ASSERT_EQ(totals.at(i, o), largest[i]) << i;
    }
  }
}

TEST_P(EdgeProducts, NoEdgesChangeNothing) {
  const std::vector<float> weight = test::random_values(96, engine_);
  const PackedWeights packed({weight.data(), 16, 6}, {});
  const PaddedMatrix values = random(1, 6), q = random(nodes, 16);
  PaddedMatrix out(0, 16), totals = q;
  multiply_edges(first_edges(0), {{}, q.read(), 1}, panel_of(values.read()), packed, out.write());
  add_largest_products(first_edges(0), panel_of(values.read()), packed, totals.write());
  EXPECT_EQ(totals, q);
}

STATIONHIT_EVERY_TARGET(EdgeProducts);

}  // namespace
}  // namespace stationhit::kernels
