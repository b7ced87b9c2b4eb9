// Attention over neighbors for inference against that of training, on every instruction set.
#include <random>
#include <vector>

#include <stationhit/kernels/neighbor_attention.hpp>

#include "every_target.hpp"
#include "padded_matrix.hpp"
#include "random_table.hpp"

namespace stationhit::kernels {
namespace {

using test::PaddedMatrix;

class NeighborAttention : public test::EveryTarget {
 protected:
  std::mt19937_64 engine_{13};

  void expect_equal(const Edges& edges, std::size_t nodes, std::size_t heads, std::size_t width) {
    const PaddedMatrix a(nodes, heads, engine_), b(nodes, heads, engine_),
        values(nodes, heads * width, engine_);
    const AttentionScores<float> scores{a.read(), b.read(), 0.2F};
    PaddedMatrix expected(nodes, heads * width), out(nodes, heads * width);
    std::vector<float> alpha(attention_weights(edges, heads));
    attend<float>(edges, scores, values.read(), expected.write(), alpha);
    AlignedBuffer<float> scratch;
    attend_to_neighbors(edges, scores, values.read(), scratch, out.write());
    for (std::size_t i = 0; i < nodes; ++i) {
      for (std::size_t c = 0; c < heads * width; ++c)
        ASSERT_NEAR(out.at(i, c), expected.at(i, c), 2e-6)
            << heads << " heads of " << width << ": " << i << ", " << c;
    }
  }
};

TEST_P(NeighborAttention, EqualsThatOfTraining) {
  for (const std::size_t heads : {1, 2, 4, 5, 8, 20}) {
    for (const std::size_t width : {1, 3, 16, 20}) {
      const test::RandomTable table(40, 7, engine_);
      expect_equal(table.view(), 40, heads, width);
      const test::SmallGroups groups(40);
      expect_equal(groups.view(), 40, heads, width);
    }
  }
}

STATIONHIT_EVERY_TARGET(NeighborAttention);

}  // namespace
}  // namespace stationhit::kernels
