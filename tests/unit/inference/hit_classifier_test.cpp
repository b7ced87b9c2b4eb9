#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <stdexcept>

#include <gtest/gtest.h>
#include <support/case_name.hpp>
#include <support/expected_error.hpp>
#include <support/known_models.hpp>
#include <support/random_event.hpp>
#include <support/side_by_side.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/inference/hit_classifier.hpp>

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

// What is wrong with an event, and a part of the message that says so.
struct Fault {
  const char* message;
  void (*make)(Event&);
};

TEST(HitClassifier, RefusesAnEventThatContradictsItself) {
  const HitClassifier classifier(test::write_model(test::table_model()));
  const std::vector<Fault> faults{
      {"bucket_spacePoints refers to hit 100, but the event has 100 hits",
       [](Event& event) { event.buckets.hits.back() = 100; }},
      {"bucket_spacePoints refers to hit 4294967295",
       [](Event& event) { event.buckets.hits.front() = UINT32_MAX; }},
      {"bucket_spacePoints has hit lists for another number of buckets",
       [](Event& event) { event.buckets.offsets.pop_back(); }},
      {"has a negative length", [](Event& event) { event.buckets.offsets[1] = 50'000; }},
      {"branch bucket_xMax has 0 values", [](Event& event) { event.buckets.x_max.clear(); }},
      {"branch spacePoint_time has 99 values, the others have 100",
       [](Event& event) { event.hits.time.pop_back(); }},
      {"branch spacePoint_PositionY has 100 values, the others have 101",
       [](Event& event) { event.hits.local_x.push_back(0); }},
      {"branch truthMuon_eta has 0 values", [](Event& event) { event.muons.eta.clear(); }},
      {"spacePoint_truthLink[3] = 100, but the event has 1 muons",
       [](Event& event) { event.hits.truth_link[3] = 100; }},
      {"spacePoint_technology[7] = 99, expected 0 to 5; the event is damaged",
       [](Event& event) { event.hits.technology[7] = 99; }}};
  for (const Fault& fault : faults) {
    Event event = test::random_event(5, 100, 1);
    fault.make(event);
    const std::string message = test::data_error([&] { (void)classifier.scores(event); });
    EXPECT_CONTAINS(message, fault.message);
    EXPECT_CONTAINS(message, "run 450000, event 8589934597: ");
  }
}

TEST(HitClassifier, TakesStationCodesThatItDoesNotKnow) {
  Event event = test::random_event(5, 100, 1);
  event.hits.station_index[0] = 250;
  EXPECT_EQ(HitClassifier(test::write_model(test::table_model())).scores(event).size(), 100U);
}

// Random damage: refused, or scored without reading out of range.
TEST(HitClassifier, RandomlyDamagedEventsNeverCrash) {
  const HitClassifier classifier(test::write_model(test::table_model()));
  test::RandomValues random(7);
  const auto any = [&](std::size_t size) {
    return static_cast<std::size_t>(random.integer(0, static_cast<std::int64_t>(size) - 1));
  };
  for (int i = 0; i < 300; ++i) {
    Event event = test::random_event(5, 60, 1);
    const auto value = static_cast<std::uint32_t>(random.integer(0, UINT32_MAX));
    switch (random.integer(0, 5)) {
      case 0:
        event.buckets.hits[any(event.buckets.hits.size())] = value;
        break;
      case 1:
        event.buckets.offsets[any(event.buckets.offsets.size())] = value % 70;
        break;
      case 2:
        event.hits.local_y.resize(value % 120);
        break;
      case 3:
        event.hits.technology[any(60)] = static_cast<std::uint8_t>(value);
        break;
      case 4:
        event.hits.truth_link[any(60)] = static_cast<std::int8_t>(value);
        break;
      default:
        event.hits.glob_x[any(60)] = std::bit_cast<float>(value);
    }
    try {
      EXPECT_EQ(classifier.scores(event).size(), event.hits.size());
    } catch (const core::DataError&) {
    }
  }
}

TEST(HitClassifier, FeaturesOfAnotherModelAreRefused) {
  const HitClassifier classifier(test::write_model(test::nodes_model()));
  const std::vector<std::string> three{"localX", "localY", "localZ"};
  EXPECT_THROW((void)classifier.prepare(features::build_inputs(
                   test::random_event(1, 10, 0), {}, three, features::Neighbors::leave_out)),
               std::invalid_argument);
}

// One bucket of all hits, as an edge list.
TEST(HitClassifier, AHugeFullyConnectedBucketIsRefusedBeforeItsEdgesAreMade) {
  onnx_file::ModelMetadata metadata = test::known_metadata();
  metadata.graph_json.clear();
  const HitClassifier classifier(test::write_model(test::edges_model(), metadata));
  Event event = test::random_event(5, 30'000, 0);
  auto& buckets = event.buckets;
  buckets = {{0}, {0}, {0}, {0}, {0}, {1}, {0, 30'000}, std::vector<std::uint32_t>(30'000)};
  std::iota(buckets.hits.begin(), buckets.hits.end(), 0U);
  EXPECT_EQ(test::data_error([&] { (void)classifier.scores(event); }),
            "run 450000, event 8589934597: its fully connected graph has 899970000 edges, the "
            "largest bucket 30000 hits; a model with an edge list takes up to 16777216 edges (one "
            "bucket of 4096 hits): export it with --interface table, or leave the event out");
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
  test::run_side_by_side(events.size(), [&](std::size_t e) {
    for (int i = 0; i < 20; ++i) together[e] = classifier.scores(events[e]);
  });
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
