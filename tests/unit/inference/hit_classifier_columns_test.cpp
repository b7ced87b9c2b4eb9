// Events as columns of a program: the scores are those of the event in vectors.
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>

#include <gtest/gtest.h>
#include <support/counted_allocations.hpp>
#include <support/expected_error.hpp>
#include <support/random_event.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/inference/hit_classifier.hpp>

#include "known_network.hpp"

namespace stationhit::inference {
namespace {

using core::EventColumns;
using Names = std::vector<std::string>;

// Keeps these columns of the hits and clears the others.
void keep(core::HitColumns& hits, const Names& names) {
  core::for_each_column([&](const std::string& name, auto member, auto) {
    if (std::ranges::find(names, "spacePoint_" + name) == names.end()) hits.*member = {};
  });
}

TEST(HitClassifierOfColumns, GivesTheScoresOfTheEvent) {
  const HitClassifier classifier(test::write_network());
  for (const std::size_t n_hits : {0, 1, 500, 3}) {
    const core::Event event = test::random_event(n_hits, n_hits, 2);
    EXPECT_EQ(classifier.scores(EventColumns(event)), classifier.scores(event));
    std::vector<float> unchecked(n_hits);
    classifier.scores_unchecked(event, unchecked);
    EXPECT_EQ(unchecked, classifier.scores(event));
  }
}

TEST(HitClassifierOfColumns, NeedsOnlyWhatTheModelReads) {
  const HitClassifier classifier(test::write_network());
  const Names needed = classifier.needed_columns(EventBuckets::present);
  EXPECT_EQ(needed, (Names{"bucket_spacePoints", "spacePoint_PositionX", "spacePoint_PositionY",
                           "spacePoint_PositionZ"}));
  const core::Event event = test::random_event(3, 400, 1);
  EventColumns columns(event);
  keep(columns.hits, needed);
  columns.buckets.x_min = columns.buckets.x_max = {};
  EXPECT_EQ(classifier.scores(columns), classifier.scores(event));
}

TEST(HitClassifierOfColumns, WithoutBucketsNeedsTheBucketRule) {
  const HitClassifier classifier(test::write_network());
  const Names needed = classifier.needed_columns(EventBuckets::missing);
  EXPECT_EQ(std::ranges::count(needed, "spacePoint_globEdgeLowZ"), 1);
  EXPECT_EQ(std::ranges::count(needed, "spacePoint_measPhi"), 1);
  core::Event event = test::random_event(3, 400, 1);
  event.buckets = {};
  EventColumns columns(event);
  keep(columns.hits, needed);
  EXPECT_EQ(classifier.scores(columns), classifier.scores(event));
  columns.hits.meas_phi = {};
  EXPECT_CONTAINS(test::data_error([&] { (void)classifier.scores(columns); }),
                  "the event has no spacePoint_measPhi, but the bucket rule of the model needs it");
}

TEST(HitClassifierOfColumns, BucketsOfTheFileMustBeThere) {
  onnx_file::ModelMetadata metadata = test::known_network_metadata();
  graph::GraphConfig graph;
  graph.buckets = graph::BucketSource::file;
  metadata.graph_json = graph::to_json(graph);
  const HitClassifier classifier(test::write_model(test::network_model(), metadata));
  const core::Event event = test::random_event(3, 40, 1);
  EventColumns columns(event);
  columns.buckets = {};
  EXPECT_CONTAINS(test::data_error([&] { (void)classifier.scores(columns); }),
                  "run 450000, event 8589934595: the event has no bucket_spacePoints, but "
                  "graph.buckets: file of the model needs it; give the column");
  EXPECT_EQ(classifier.scores(EventColumns()), std::vector<float>());
}

struct Fault {
  const char* message;
  std::function<void(core::Event&, EventColumns&)> make;
};

TEST(HitClassifierOfColumns, RefusesWhatContradictsItself) {
  const HitClassifier classifier(test::write_network());
  const std::vector<Fault> faults{
      {"the event has no spacePoint_PositionY, but the feature localY of the model needs it",
       [](core::Event&, EventColumns& columns) { columns.hits.local_y = {}; }},
      {"spacePoint_PositionY has 99 values, but the event has 100 hits",
       [](core::Event&, EventColumns& columns) {
         columns.hits.local_y = columns.hits.local_y.first(99);
       }},
      {"spacePoint_time has 3 values, but the event has 100 hits",
       [](core::Event&, EventColumns& columns) { columns.hits.time = columns.hits.time.first(3); }},
      {"bucket_spacePoints refers to hit 100, but the event has 100 hits",
       [](core::Event& event, EventColumns&) { event.buckets.hits[2] = 100; }},
      {"bucket_spacePoints refers to hit 4294967295",
       [](core::Event& event, EventColumns&) { event.buckets.hits.back() = UINT32_MAX; }},
      {"bucket_spacePoints has hit lists for another number of buckets",
       [](core::Event&, EventColumns& columns) { ++columns.buckets.n_buckets; }},
      {"spacePoint_technology[7] = 6, expected 0 to 5",
       [](core::Event& event, EventColumns&) { event.hits.technology[7] = 6; }},
  };
  for (const Fault& fault : faults) {
    core::Event event = test::random_event(5, 100, 1);
    EventColumns columns(event);
    fault.make(event, columns);
    if (columns.buckets.n_buckets != event.buckets.size())
      columns.buckets.x_min = columns.buckets.x_max = {};
    const std::string message = test::data_error([&] { (void)classifier.scores(columns); });
    EXPECT_CONTAINS(message, fault.message);
    EXPECT_CONTAINS(message, "run 450000, event 8589934597: ");
  }
}

TEST(HitClassifierOfColumns, ThereIsRoomForEveryScore) {
  const HitClassifier classifier(test::write_network());
  const core::Event event = test::random_event(5, 100, 1);
  for (const std::size_t n : {0, 99, 101}) {
    std::vector<float> scores(n);
    EXPECT_THROW(classifier.scores(event, scores), std::invalid_argument);
    EXPECT_THROW(classifier.scores(EventColumns(event), scores), std::invalid_argument);
  }
}

TEST(HitClassifierOfColumns, HitsThatAreNotFiniteGetNoLogit) {
  const HitClassifier classifier(test::write_network());
  core::Event event = test::random_event(5, 100, 1);
  event.hits.local_x[3] = std::numeric_limits<float>::quiet_NaN();
  event.hits.time[5] = std::numeric_limits<float>::infinity();
  EventColumns columns(event);
  const std::vector<float> scores = classifier.scores(columns);
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(scores[i] == -100.0F, i == 3 || i == 5) << i;
  // What is not given cannot be wrong.
  columns.hits.time = {};
  EXPECT_NE(classifier.scores(columns)[5], -100.0F);
}

TEST(HitClassifierOfColumns, AllocatesNothingOnceItHasSeenTheEvent) {
  const HitClassifier classifier(test::write_network());
  const core::Event event = test::random_event(5, 900, 1);
  EventColumns columns(event);
  keep(columns.hits, classifier.needed_columns(EventBuckets::present));
  std::vector<float> scores(900);
  for (int pass = 0; pass < 2; ++pass) classifier.scores(columns, scores);
  EXPECT_EQ(test::count_allocations([&] { classifier.scores(columns, scores); }), 0U);
}

TEST(HitClassifier, TellsTheLoggerWhatRunsTheModel) {
  Names said;
  LoadOptions options;
  options.log =
      core::Logger([&](core::LogLevel, const std::string& message) { said.push_back(message); });
  const auto path = test::write_network();
  const HitClassifier classifier(path, options);
  EXPECT_EQ(said, Names{path.string() + ": run by the engine"});
}

}  // namespace
}  // namespace stationhit::inference
