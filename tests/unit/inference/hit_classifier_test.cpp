#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <thread>

#include <gtest/gtest.h>
#include <support/case_name.hpp>
#include <support/expected_error.hpp>
#include <support/random_event.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/inference/hit_classifier.hpp>

#include "known_models.hpp"

namespace stationhit {
namespace {

using core::Event;
using inference::HitClassifier;

constexpr float no_score = -100.0F;

// Hits of every bucket; hits in no bucket are buckets of their own.
std::vector<std::vector<std::uint32_t>> buckets_of(const Event& event) {
  std::vector<std::vector<std::uint32_t>> buckets;
  std::vector<bool> seen(event.hits.size());
  for (std::size_t b = 0; b < event.buckets.size(); ++b) {
    const auto hits = event.buckets.hits_of(b);
    buckets.emplace_back(hits.begin(), hits.end());
    for (const auto hit : hits) seen[hit] = true;
  }
  for (std::uint32_t hit = 0; hit < event.hits.size(); ++hit) {
    if (!seen[hit]) buckets.push_back({hit});
  }
  return buckets;
}

// Largest over the buckets of a hit of logit(hit, the others of the bucket).
template <class Logit>
std::vector<float> expected_scores(const Event& event, Logit&& logit) {
  std::vector<float> scores(event.hits.size(), no_score);
  for (const auto& bucket : buckets_of(event)) {
    for (const auto hit : bucket) {
      std::vector<std::uint32_t> others;
      std::ranges::copy_if(bucket, std::back_inserter(others),
                           [hit](auto other) { return other != hit; });
      scores[hit] =
          std::max(scores[hit] == no_score ? std::numeric_limits<float>::lowest() : scores[hit],
                   logit(hit, others));
    }
  }
  return scores;
}

// x + max of y over the 4 hits nearest in (y, z).
float table_logit(const core::HitTable& hits, std::uint32_t hit,
                  std::vector<std::uint32_t> others) {
  const auto distance = [&](std::uint32_t other) {
    return std::hypot(double{hits.local_y[hit]} - double{hits.local_y[other]},
                      double{hits.local_z[hit]} - double{hits.local_z[other]});
  };
  std::ranges::sort(others, {}, distance);
  others.resize(std::min<std::size_t>(others.size(), 4));
  if (others.empty()) return hits.local_x[hit];
  const auto best =
      *std::ranges::max_element(others, {}, [&](auto other) { return hits.local_y[other]; });
  return hits.local_x[hit] + hits.local_y[best];
}

void expect_near(const std::vector<float>& scores, const std::vector<float>& expected,
                 float tolerance) {
  ASSERT_EQ(scores.size(), expected.size());
  for (std::size_t i = 0; i < scores.size(); ++i)
    ASSERT_NEAR(scores[i], expected[i], tolerance) << "hit " << i;
}

class HitClassifierOfSize : public testing::TestWithParam<std::size_t> {};

TEST_P(HitClassifierOfSize, NodesModel) {
  const Event event = test::random_event(11, GetParam(), 2);
  const auto& hits = event.hits;
  const HitClassifier classifier(test::write_model(test::nodes_model()));
  expect_near(
      classifier.scores(event),
      expected_scores(
          event, [&](auto hit, const auto&) { return hits.local_x[hit] + 2 * hits.local_y[hit]; }),
      1e-3F);
}

TEST_P(HitClassifierOfSize, TableModel) {
  const Event event = test::random_event(12, GetParam(), 2);
  const HitClassifier classifier(test::write_model(test::table_model()));
  expect_near(classifier.scores(event),
              expected_scores(event,
                              [&](auto hit, const auto& others) {
                                return table_logit(event.hits, hit, others);
                              }),
              1e-3F);
}

TEST_P(HitClassifierOfSize, EdgesModelOfAnotherMaker) {
  const Event event = test::random_event(13, GetParam(), 2);
  onnx_file::ModelMetadata metadata;
  test::GraphBuilder graph = test::edges_model();
  graph.metadata({{"feature_names", R"(["localX", "localY"])"}});
  const std::filesystem::path path = test::fresh_path();
  graph.write(path);
  const HitClassifier classifier(path);
  const auto expected = expected_scores(event, [&](auto hit, const auto& others) {
    return std::accumulate(others.begin(), others.end(), event.hits.local_x[hit],
                           [&](float sum, auto other) { return sum + event.hits.local_y[other]; });
  });
  expect_near(classifier.scores(event), expected, 0.05F);
}

INSTANTIATE_TEST_SUITE_P(Hits, HitClassifierOfSize, testing::Values(0, 1, 2, 3, 700),
                         test::CaseName());

TEST(HitClassifier, WhatElseIsInTheBatchChangesNothing) {
  std::vector<Event> events;
  for (const std::size_t n : {300, 0, 1, 2, 500}) events.push_back(test::random_event(n, n, 1));
  for (const auto& path :
       {test::write_model(test::table_model()), test::write_model(test::edges_model()),
        test::write_model(test::nodes_model())}) {
    const HitClassifier classifier(path);
    const auto together = classifier.scores_batch(events);
    ASSERT_EQ(together.size(), events.size());
    for (std::size_t e = 0; e < events.size(); ++e)
      EXPECT_EQ(together[e], classifier.scores(events[e])) << path << " event " << e;
  }
}

TEST(HitClassifier, HitsWithoutFiniteValuesScoreMinus100AndDisturbNobody) {
  Event event = test::random_event(5, 200, 1);
  event.hits.local_x[17] = std::numeric_limits<float>::quiet_NaN();
  event.hits.local_z[90] = std::numeric_limits<float>::infinity();
  const std::vector<float> scores =
      HitClassifier(test::write_model(test::table_model())).scores(event);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    EXPECT_TRUE(std::isfinite(scores[i]));
    EXPECT_EQ(scores[i] == no_score, i == 17 || i == 90) << i;
  }
}

TEST(HitClassifier, LogitsThatAreNotFiniteCountAsMinus100) {
  const Event event = test::random_event(6, 100, 1);
  const std::vector<float> scores =
      HitClassifier(test::write_model(test::log_model())).scores(event);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (event.hits.local_x[i] < 0) {
      EXPECT_EQ(scores[i], no_score);
    } else {
      EXPECT_NEAR(scores[i], std::log(event.hits.local_x[i]), 1e-5F);
    }
  }
}

TEST(HitClassifier, ServesSeveralThreadsAtOnce) {
  const HitClassifier classifier(test::write_model(test::table_model()));
  std::vector<Event> events;
  for (std::size_t e = 0; e < 4; ++e) events.push_back(test::random_event(e, 400, 1));
  const auto alone = classifier.scores_batch(events);
  std::vector<std::vector<float>> together(events.size());
  {
    std::vector<std::jthread> threads;
    for (std::size_t e = 0; e < events.size(); ++e) {
      threads.emplace_back([&, e] {
        for (int i = 0; i < 20; ++i) together[e] = classifier.scores(events[e]);
      });
    }
  }
  EXPECT_EQ(together, alone);
}

TEST(HitClassifier, ThresholdsComeFromTheMetadata) {
  const std::filesystem::path path = test::write_model(test::nodes_model());
  const HitClassifier classifier(path);
  EXPECT_EQ(classifier.threshold("0.985"), 10.0F);
  EXPECT_EQ(
      test::usage_error([&] { (void)classifier.threshold("0.97"); }),
      path.string() + ": the model has no threshold for working point 0.97; it has 0.985, 0.99");
}

}  // namespace
}  // namespace stationhit
