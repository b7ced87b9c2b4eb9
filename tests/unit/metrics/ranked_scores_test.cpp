#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/metrics/ranked_scores.hpp>

namespace stationhit::metrics {
namespace {

using Scores = std::vector<float>;
using Labels = std::vector<std::uint8_t>;

struct Sample {
  Scores scores;
  Labels labels;
};

// levels: number of different scores, few levels make many ties.
Sample random_sample(std::size_t n, int levels, std::uint32_t seed) {
  std::mt19937 random(seed);
  Sample sample;
  for (std::size_t i = 0; i < n; ++i) {
    const bool is_signal = random() % 4 == 0;
    const auto level = static_cast<float>(random() % static_cast<std::uint32_t>(levels));
    sample.labels.push_back(is_signal ? 1 : 0);
    sample.scores.push_back(level * 0.37F - 3.0F + (is_signal ? 0.74F : 0.0F));
  }
  sample.labels[0] = 1;
  sample.labels[1] = 0;
  return sample;
}

double brute_force_auc(const Sample& sample) {
  double right = 0, pairs = 0;
  for (std::size_t i = 0; i < sample.scores.size(); ++i) {
    for (std::size_t j = 0; j < sample.scores.size(); ++j) {
      if (sample.labels[i] == 0 || sample.labels[j] != 0) continue;
      pairs += 1;
      right += sample.scores[i] > sample.scores[j]    ? 1.0
               : sample.scores[i] == sample.scores[j] ? 0.5
                                                      : 0.0;
    }
  }
  return right / pairs;
}

double share_above(const Sample& sample, float threshold) {
  double above = 0, all = 0;
  for (std::size_t i = 0; i < sample.scores.size(); ++i) {
    if (sample.labels[i] == 0) continue;
    all += 1;
    above += sample.scores[i] > threshold ? 1 : 0;
  }
  return above / all;
}

TEST(Auc, KnownByHand) {
  // Pairs (true, background): 0.9>0.1, 0.9>0.8, 0.4>0.1, 0.4<0.8.
  EXPECT_DOUBLE_EQ(auc(Scores{0.1F, 0.9F, 0.8F, 0.4F}, Labels{0, 1, 0, 1}), 0.75);
  EXPECT_DOUBLE_EQ(auc(Scores{1, 2, 3}, Labels{0, 0, 1}), 1.0);
  EXPECT_DOUBLE_EQ(auc(Scores{3, 2, 1}, Labels{0, 0, 1}), 0.0);
}

TEST(Auc, AllEqualScoresGiveOneHalf) {
  EXPECT_DOUBLE_EQ(auc(Scores(10, 2.5F), Labels{1, 0, 0, 0, 1, 0, 0, 0, 1, 0}), 0.5);
}

TEST(Auc, NegativeZeroTiesWithZero) {
  EXPECT_DOUBLE_EQ(auc(Scores{0.0F, -0.0F}, Labels{1, 0}), 0.5);
}

TEST(Auc, EqualsBruteForceWithAndWithoutTies) {
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    for (const int levels : {1, 3, 20, 100000}) {
      const Sample sample = random_sample(150, levels, seed);
      EXPECT_NEAR(auc(sample.scores, sample.labels), brute_force_auc(sample), 1e-14)
          << "seed " << seed << " levels " << levels;
    }
  }
}

TEST(Auc, OneClassIsAnErrorThatCountsTheHits) {
  EXPECT_CONTAINS(test::data_error([&] {
                    (void)auc(Scores{1, 2}, Labels{1, 1});
                  }),
                  "2 signal and 0 background hits");
  EXPECT_THROW((void)auc(Scores{1, 2}, Labels{0, 0}), core::DataError);
  EXPECT_THROW((void)auc(Scores{}, Labels{}), core::DataError);
}

TEST(Auc, ScoreThatIsNotFiniteIsNamed) {
  EXPECT_CONTAINS(test::data_error([&] {
                    (void)auc(Scores{1, 2, std::nanf("")}, Labels{1, 0, 1});
                  }),
                  "score of hit 2 is nan");
}

TEST(WorkingPoint, ThresholdIsTheLargestThatKeepsTheShare) {
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    for (const int levels : {1, 4, 50, 100000}) {
      const Sample sample = random_sample(700, levels, seed);
      for (const double working_point : {0.05, 0.5, 0.985, 0.99, 0.995, 1.0}) {
        const float threshold =
            working_point_threshold(sample.scores, sample.labels, working_point);
        EXPECT_GE(share_above(sample, threshold), working_point);
        const float next = std::nextafter(threshold, std::numeric_limits<float>::infinity());
        EXPECT_LT(share_above(sample, next), working_point)
            << "a larger threshold would do: seed " << seed << " levels " << levels;
      }
    }
  }
}

TEST(WorkingPoint, ShareMetExactlyNeedsNoFurtherHit) {
  for (std::uint64_t n = 200; n <= 20000; n += 200) {
    EXPECT_EQ(hits_needed(0.985, n), n / 200 * 197);
    EXPECT_EQ(hits_needed(0.99, n), n / 200 * 198);
    EXPECT_EQ(hits_needed(0.995, n), n / 200 * 199);
  }
  EXPECT_EQ(hits_needed(0.99, 7), 7U);
  EXPECT_EQ(hits_needed(1e-9, 7), 1U);
}

TEST(WorkingPoint, AllEqualScoresKeepEverything) {
  const Scores scores(5, -1.5F);
  const Labels labels{1, 0, 1, 0, 1};
  const float threshold = working_point_threshold(scores, labels, 0.5);
  EXPECT_EQ(counts_at(scores, labels, threshold), (Counts{3, 2, 0, 0}));
  EXPECT_DOUBLE_EQ(purity_at(scores, labels, threshold), 0.6);
}

TEST(WorkingPoint, NoTrueHitOrImpossibleShareIsAnError) {
  EXPECT_THROW((void)working_point_threshold(Scores{1}, Labels{0}, 0.99), core::DataError);
  EXPECT_CONTAINS(
      test::config_error([&] { (void)working_point_threshold(Scores{1}, Labels{1}, 1.5); }),
      "working point 1.5");
  EXPECT_THROW((void)working_point_threshold(Scores{1}, Labels{1}, 0.0), core::ConfigError);
}

TEST(CountsAt, RankedAndDirectAgreeAndKeepStrictlyAbove) {
  const Sample sample = random_sample(300, 12, 3);
  const RankedScores ranked(sample.scores, sample.labels);
  for (const float threshold : sample.scores)
    EXPECT_EQ(ranked.counts_at(threshold), counts_at(sample.scores, sample.labels, threshold));
  EXPECT_EQ(counts_at(Scores{1, 2, 3}, Labels{1, 1, 0}, 2.0F), (Counts{0, 1, 0, 2}));
}

TEST(CountsAt, RatiosByHand) {
  const Counts counts{9, 3, 297, 1};
  EXPECT_DOUBLE_EQ(counts.efficiency(), 0.9);
  EXPECT_DOUBLE_EQ(counts.purity(), 0.75);
  EXPECT_DOUBLE_EQ(counts.background_efficiency(), 0.01);
  EXPECT_DOUBLE_EQ(counts.rejection(), 100.0);
  EXPECT_TRUE(std::isnan(Counts{}.purity()));
  EXPECT_TRUE(std::isinf((Counts{1, 0, 5, 0}).rejection()));
}

}  // namespace
}  // namespace stationhit::metrics
