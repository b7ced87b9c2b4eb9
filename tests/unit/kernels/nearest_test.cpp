// The nearest points against a sort of all distances, with many ties, on every instruction set.
#include <algorithm>
#include <limits>
#include <random>
#include <tuple>
#include <vector>

#include <stationhit/kernels/nearest.hpp>

#include "every_target.hpp"

namespace stationhit::kernels {
namespace {

class Nearest : public test::EveryTarget {};

struct Points {
  std::vector<float> values;
  std::size_t coordinates, n, stride;

  // Whole numbers: many distances are equal, and some points are at the same place.
  Points(std::size_t n_coordinates, std::size_t n_points, std::mt19937& engine)
      : coordinates(n_coordinates), n(n_points), stride(n_points + nearest_slack) {
    std::uniform_int_distribution<int> place(-20, 20);
    values.resize(coordinates * stride);
    for (float& value : values) value = static_cast<float>(place(engine));
  }
  [[nodiscard]] MatrixView<const float> view() const {
    return {values.data(), coordinates, n, stride};
  }
};

constexpr float any = std::numeric_limits<float>::infinity();

std::vector<std::int32_t> expected_rows(const Points& points, std::size_t k, float largest,
                                        std::int32_t base) {
  std::vector<std::int32_t> rows(points.n * k, -1);
  for (std::size_t i = 0; i < points.n; ++i) {
    std::vector<std::tuple<float, std::int32_t>> others;
    for (std::size_t j = 0; j < points.n; ++j) {
      float distance = 0;
      for (std::size_t c = 0; c < points.coordinates; ++c) {
        const float away = points.view().row(c)[i] - points.view().row(c)[j];
        distance += away * away;
      }
      if (i != j && distance <= largest)
        others.emplace_back(distance, base + static_cast<std::int32_t>(j));
    }
    std::sort(others.begin(), others.end());
    for (std::size_t s = 0; s < std::min(k, others.size()); ++s)
      rows[i * k + s] = std::get<1>(others[s]);
  }
  return rows;
}

std::vector<std::int32_t> found_rows(const Points& points, std::size_t k, float largest,
                                     std::int32_t base) {
  std::vector<std::int32_t> rows(points.n * k, 12345);
  find_nearest(points.view(), static_cast<std::int32_t>(k), largest, base, rows.data());
  return rows;
}

TEST_P(Nearest, EqualASortOfAllDistances) {
  std::mt19937 engine(4);
  for (const std::size_t k : {1, 3, 4, 5, 8, 11, 16, 17, 32}) {
    for (const std::size_t n : {1, 2, 3, 8, 9, 16, 17, 31, 33, 70, 257}) {
      for (const std::size_t coordinates : {1, 2, 3}) {
        const Points points(coordinates, n, engine);
        for (const float largest : {any, 100.0F, 0.0F}) {
          ASSERT_EQ(found_rows(points, k, largest, 1000), expected_rows(points, k, largest, 1000))
              << k << " of " << n << " points, " << coordinates << " coordinates";
        }
      }
    }
  }
}

TEST_P(Nearest, OverflowingDistancesAreNeighborsOfAnyDistance) {
  std::mt19937 engine(4);
  Points points(2, 3, engine);
  points.values[0] = 3e38F;
  points.values[1] = -3e38F;
  EXPECT_EQ(found_rows(points, 2, any, 0), expected_rows(points, 2, any, 0));
  EXPECT_EQ(found_rows(points, 2, 1e30F, 0), expected_rows(points, 2, 1e30F, 0));
}

STATIONHIT_EVERY_TARGET(Nearest);

}  // namespace
}  // namespace stationhit::kernels
