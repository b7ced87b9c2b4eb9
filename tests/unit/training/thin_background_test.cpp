// Groups without signal that an epoch leaves out.
#include "../../../src/training/thin_background.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "../../../src/training/batch_gradients.hpp"
#include "network_of.hpp"
#include "toy_run.hpp"

namespace stationhit::training {
namespace {

// Groups of 1, 2, ... 60 nodes, every tenth with a signal node; feature 0 is the number of the
// node, each node has the others of its group around it.
Sample grouped_sample() {
  Sample sample;
  sample.offsets = {0};
  for (std::uint32_t group = 1; group <= 60; ++group) {
    const std::uint32_t first = sample.offsets.back();
    for (std::uint32_t node = first; node < first + group; ++node) {
      sample.features.insert(sample.features.end(), {static_cast<float>(node), 0.5F});
      const auto other = static_cast<std::int32_t>(node == first ? first + group - 1 : node - 1);
      sample.neighbors.insert(sample.neighbors.end(), {group == 1 ? -1 : other, -1, -1});
      sample.labels.push_back(group % 10 == 0 && node == first);
    }
    sample.offsets.push_back(first + group);
  }
  return sample;
}

TEST(ThinBackground, KeepsGroupsWholeAndEverySignal) {
  const Sample all = grouped_sample(), kept = thin_background(all, 0.4, 7);
  ASSERT_GT(kept.labels.size(), 0U);
  ASSERT_LT(kept.labels.size(), all.labels.size());
  EXPECT_EQ(std::ranges::count(kept.labels, 1), std::ranges::count(all.labels, 1));
  for (std::size_t group = 0; group + 1 < kept.offsets.size(); ++group) {
    const auto begin = kept.offsets[group], end = kept.offsets[group + 1];
    const auto shift = static_cast<std::int32_t>(begin) -
                       static_cast<std::int32_t>(kept.features[std::size_t{begin} * 2]);
    const bool signal = std::find(kept.labels.begin() + begin, kept.labels.begin() + end, 1) !=
                        kept.labels.begin() + end;
    for (std::size_t node = begin; node < end; ++node) {
      const auto original = static_cast<std::size_t>(kept.features[node * 2]);
      EXPECT_EQ(kept.labels[node], all.labels[original]);
      EXPECT_EQ(kept.weights[node], signal ? 1.0F : 2.5F);
      const auto neighbor = all.neighbors[original * 3];
      EXPECT_EQ(kept.neighbors[node * 3], neighbor < 0 ? -1 : neighbor + shift);
      EXPECT_EQ(kept.neighbors[node * 3 + 1], -1);
    }
  }
}

TEST(ThinBackground, ChoiceDependsOnTheSeedOnlyAndShareOneKeepsAll) {
  const Sample all = grouped_sample();
  EXPECT_EQ(thin_background(all, 0.4, 7).features, thin_background(all, 0.4, 7).features);
  EXPECT_NE(thin_background(all, 0.4, 7).features, thin_background(all, 0.4, 8).features);
  const Sample whole = thin_background(all, 1, 7);
  EXPECT_EQ(whole.features, all.features);
  EXPECT_EQ(whole.neighbors, all.neighbors);
  EXPECT_EQ(whole.offsets, all.offsets);
  EXPECT_EQ(whole.weights, std::vector<float>(all.labels.size(), 1.0F));
  EXPECT_TRUE(thin_background(Sample{}, 0.4, 7).labels.empty());
}

// Averaged over many draws, loss and gradients are those of all groups: within five standard
// errors.
TEST(ThinBackground, LossIsWithoutBias) {
  TrainingRun run = test::toy_run("unused");
  const auto network = test::network_of(run);
  const std::vector<std::shared_ptr<const Sample>> samples{
      std::make_shared<const Sample>(grouped_sample())};
  const double expected = batch_gradients(*network, samples, {{}, 3, 3, 1, 0, 1}, 0).loss;
  const int draws = 400;
  double sum = 0, squares = 0;
  for (int draw = 0; draw < draws; ++draw) {
    const double loss =
        batch_gradients(*network, samples, {{}, 3, 3, 0.3, static_cast<std::uint64_t>(draw), 1}, 0)
            .loss;
    sum += loss;
    squares += loss * loss;
  }
  const double mean = sum / draws, error = std::sqrt((squares / draws - mean * mean) / draws);
  ASSERT_GT(error, 0);
  EXPECT_NEAR(mean, expected, 5 * error);
}

}  // namespace
}  // namespace stationhit::training
