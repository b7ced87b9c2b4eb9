// Attention inside groups against its definition in double precision, on every instruction set.
#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <stationhit/kernels/group_attention.hpp>

#include "every_target.hpp"
#include "padded_matrix.hpp"

namespace stationhit::kernels {
namespace {

using test::PaddedMatrix;

class GroupAttention : public test::EveryTarget {
 protected:
  std::mt19937_64 engine_{11};
};

double attended(const AttentionInputs& inputs, std::int64_t begin, std::int64_t end, std::size_t i,
                std::size_t head, std::size_t width, std::size_t column) {
  std::vector<double> scores;
  for (auto j = begin; j < end; ++j) {
    double score = 0;
    for (std::size_t c = head * width; c < (head + 1) * width; ++c)
      score += static_cast<double>(inputs.queries.row(i)[c]) *
               inputs.keys.row(static_cast<std::size_t>(j))[c];
    scores.push_back(score);
  }
  const double largest = *std::ranges::max_element(scores);
  double sum = 0, weights = 0;
  for (auto j = begin; j < end; ++j) {
    const double weight = std::exp(scores[static_cast<std::size_t>(j - begin)] - largest);
    weights += weight;
    sum += weight * inputs.values.row(static_cast<std::size_t>(j))[head * width + column];
  }
  return sum / weights;
}

TEST_P(GroupAttention, EqualsTheDefinition) {
  const std::vector<std::int64_t> offsets{0, 1, 3, 3, 8, 24, 41, 111};
  for (const std::size_t heads : {1, 4}) {
    for (const std::size_t width : {1, 3, 8, 16, 20}) {
      const PaddedMatrix queries(111, heads * width, engine_), keys(111, heads * width, engine_),
          values(111, heads * width, engine_);
      const AttentionInputs inputs{queries.read(), keys.read(), values.read()};
      PaddedMatrix out(111, heads * width);
      AlignedBuffer<float> scratch;
      attend_in_groups({offsets}, heads, inputs, scratch, out.write());
      for (std::size_t g = 0; g + 1 < offsets.size(); ++g) {
        for (auto i = static_cast<std::size_t>(offsets[g]);
             i < static_cast<std::size_t>(offsets[g + 1]); ++i) {
          for (std::size_t c = 0; c < heads * width; ++c)
            ASSERT_NEAR(
                out.at(i, c),
                attended(inputs, offsets[g], offsets[g + 1], i, c / width, width, c % width), 1e-5)
                << heads << " heads of " << width << ", node " << i << ", column " << c;
        }
      }
    }
  }
}

STATIONHIT_EVERY_TARGET(GroupAttention);

}  // namespace
}  // namespace stationhit::kernels
