// Rows anywhere in memory against plain loops, on every instruction set.
#include <random>
#include <vector>

#include <stationhit/kernels/scattered_rows.hpp>

#include "every_target.hpp"
#include "padded_matrix.hpp"

namespace stationhit::kernels {
namespace {

using test::PaddedMatrix;

class ScatteredRows : public test::EveryTarget {
 protected:
  static constexpr std::size_t n = 20, parts = 4, n_places = 7;

  std::mt19937_64 engine_{5};
  std::vector<float> weights_ = test::random_values(n * parts, engine_);

  // Which row of a matrix of n_places; every tenth is none.
  [[nodiscard]] static std::size_t row_of(std::size_t place) { return place * 5 % n_places; }
  [[nodiscard]] static bool exists(std::size_t place) { return place % 10 != 9; }
};

TEST_P(ScatteredRows, AddedWithWeightsAndWithout) {
  for (const std::size_t columns : {1, 12, 16, 40}) {
    const PaddedMatrix rows(n, columns, engine_), before(n_places, columns, engine_);
    for (const bool weighted : {true, false}) {
      PaddedMatrix out = before, expected = before;
      std::vector<float*> to;
      for (std::size_t place = 0; place < n * parts; ++place) {
        to.push_back(exists(place) ? out.write().row(row_of(place)) : nullptr);
        if (!exists(place)) continue;
        for (std::size_t c = 0; c < columns; ++c) {
          const float x = rows.at(place / parts, c) * (weighted ? weights_[place] : 1.0F);
          expected.at(row_of(place), c) += x;
        }
      }
      add_to_scattered(rows.read(), weighted ? weights_ : std::vector<float>(), to);
      EXPECT_EQ(out, expected);
    }
  }
}

TEST_P(ScatteredRows, SummedWithWeights) {
  for (const std::size_t columns : {1, 12, 16, 40}) {
    const PaddedMatrix rows(n_places, columns, engine_);
    PaddedMatrix out(n, columns, engine_), expected(n, columns);
    std::vector<const float*> from;
    for (std::size_t place = 0; place < n * parts; ++place) {
      from.push_back(rows.read().row(row_of(place)));
      for (std::size_t c = 0; c < columns; ++c)
        expected.at(place / parts, c) += rows.at(row_of(place), c) * weights_[place];
    }
    sum_scattered(from, weights_, out.write());
    EXPECT_EQ(out, expected);
  }
}

TEST_P(ScatteredRows, CopiedSideBySide) {
  constexpr std::size_t slack = 15;
  for (const std::size_t columns : {1, 12, 16, 40}) {
    const PaddedMatrix rows(n_places, columns, engine_);
    std::vector<const float*> from;
    for (std::size_t place = 0; place < n; ++place) from.push_back(rows.read().row(row_of(place)));
    std::vector<float> out(n * columns + slack);
    copy_scattered(from, columns, out.data());
    for (std::size_t place = 0; place < n; ++place)
      for (std::size_t c = 0; c < columns; ++c)
        ASSERT_EQ(out[place * columns + c], rows.at(row_of(place), c));
  }
}

STATIONHIT_EVERY_TARGET(ScatteredRows);

}  // namespace
}  // namespace stationhit::kernels
