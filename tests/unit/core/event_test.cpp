#include <cmath>
#include <limits>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/random_event.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/event.hpp>

namespace stationhit::core {
namespace {

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float inf = std::numeric_limits<float>::infinity();

// Two muons, four hits, three buckets: {0, 1}, {}, {1, 2, 3}.
Event small_event() {
  Event event;
  resize(event.hits, 4);
  for (std::size_t i = 0; i < 4; ++i) event.hits.local_x[i] = static_cast<float>(10 + i);
  event.hits.truth_link = {0, -1, 1, -1};
  resize(event.muons, 2);
  event.muons.pt = {10, 20};
  BucketTable& buckets = event.buckets;
  buckets.index = {0, 1, 2};
  buckets.station_index = {2, 2, 4};
  buckets.station_eta = {1, 2, 3};
  buckets.station_phi = {1, 1, 1};
  buckets.x_min = {0, 1, 2};
  buckets.x_max = {1, 2, 3};
  buckets.offsets = {0, 2, 2, 5};
  buckets.hits = {0, 1, 1, 2, 3};
  return event;
}

std::string inconsistency(const Event& event) {
  return test::error_of<DataError>([&] { check_consistency(event, "a.root, entry 3"); });
}

TEST(HitTable, ResizeSetsEveryColumn) {
  HitTable hits;
  resize(hits, 3);
  for_each_hit_column(
      [&](const char* name, auto member) { EXPECT_EQ((hits.*member).size(), 3U) << name; });
}

TEST(HitTable, ColumnListHasEveryMember) {
  std::size_t n = 0;
  for_each_hit_column([&](const char*, auto) { ++n; });
  // Every column is a std::vector and nothing else is in the struct.
  EXPECT_EQ(sizeof(HitTable), n * sizeof(std::vector<float>));
  n = 0;
  for_each_muon_column([&](const char*, auto) { ++n; });
  EXPECT_EQ(sizeof(MuonTable), n * sizeof(std::vector<float>));
  n = 2;  // offsets and hits are not columns
  for_each_bucket_column([&](const char*, auto) { ++n; });
  EXPECT_EQ(sizeof(BucketTable), n * sizeof(std::vector<float>));
}

TEST(Gather, TakesRowsInTheGivenOrderWithRepetitions) {
  const HitTable hits = small_event().hits;
  const std::vector<std::uint32_t> rows{3, 0, 0};
  const HitTable taken = gather(hits, rows);
  EXPECT_EQ(taken.local_x, (std::vector<float>{13, 10, 10}));
  EXPECT_EQ(taken.truth_link, (std::vector<std::int8_t>{-1, 0, 0}));
  for_each_hit_column(
      [&](const char* name, auto member) { EXPECT_EQ((taken.*member).size(), 3U) << name; });
  EXPECT_EQ(gather(hits, {}).size(), 0U);
  EXPECT_EQ(gather(small_event().muons, std::vector<std::uint32_t>{1}).pt, std::vector<float>{20});
}

TEST(KeepHits, RenumbersBucketsAndKeepsEmptyOnes) {
  const Event event = small_event();
  const Event kept = keep_hits(event, std::vector<std::uint32_t>{1, 3});
  EXPECT_EQ(kept.hits.local_x, (std::vector<float>{11, 13}));
  EXPECT_EQ(kept.buckets.offsets, (std::vector<std::uint32_t>{0, 1, 1, 3}));
  EXPECT_EQ(kept.buckets.hits, (std::vector<std::uint32_t>{0, 0, 1}));
  EXPECT_EQ(kept.buckets.index, event.buckets.index);
  EXPECT_EQ(kept.muons, event.muons);
  EXPECT_EQ(inconsistency(kept), "");
}

TEST(KeepHits, AllAndNone) {
  const Event event = small_event();
  EXPECT_EQ(keep_hits(event, std::vector<std::uint32_t>{0, 1, 2, 3}), event);
  const Event none = keep_hits(event, {});
  EXPECT_EQ(none.hits.size(), 0U);
  EXPECT_EQ(none.buckets.size(), 3U);
  EXPECT_EQ(none.buckets.offsets, (std::vector<std::uint32_t>{0, 0, 0, 0}));
}

TEST(KeepHits, EventWithoutBuckets) {
  Event event = small_event();
  event.buckets = {};
  const Event kept = keep_hits(event, std::vector<std::uint32_t>{2});
  EXPECT_EQ(kept.hits.size(), 1U);
  EXPECT_TRUE(kept.buckets.offsets.empty());
}

TEST(CheckConsistency, AcceptsGoodEvents) {
  EXPECT_EQ(inconsistency(small_event()), "");
  EXPECT_EQ(inconsistency(Event{}), "");
  for (std::uint64_t seed = 0; seed < 5; ++seed)
    EXPECT_EQ(inconsistency(test::random_event(seed, 200, 2)), "");
}

TEST(CheckConsistency, ColumnOfAnotherLength) {
  Event event = small_event();
  event.hits.drift_r.pop_back();
  EXPECT_EQ(inconsistency(event),
            "a.root, entry 3: branch spacePoint_driftR has 3 values, the others have 4; the event "
            "is damaged or was written by a faulty program, "
            "recreate the file");
  event = small_event();
  event.muons.q.push_back(1);
  EXPECT_NE(inconsistency(event).find("branch truthMuon_q has 3 values, the others have 2"),
            std::string::npos);
  event = small_event();
  event.buckets.x_max.clear();
  EXPECT_NE(inconsistency(event).find("branch bucket_xMax has 0 values, the others have 3"),
            std::string::npos);
}

TEST(CheckConsistency, TruthLinks) {
  Event event = small_event();
  event.hits.truth_link[2] = 2;
  EXPECT_EQ(inconsistency(event),
            "a.root, entry 3: spacePoint_truthLink[2] = 2, but the event has 2 muons; links must "
            "be -1 or an index into truthMuon_*");
  event.hits.truth_link[2] = -2;
  EXPECT_NE(inconsistency(event).find("spacePoint_truthLink[2] = -2"), std::string::npos);
}

TEST(CheckConsistency, BucketLists) {
  Event event = small_event();
  event.buckets.hits[3] = 4;
  EXPECT_NE(
      inconsistency(event).find("bucket_spacePoints refers to hit 4, but the event has 4 hits"),
      std::string::npos);
  event = small_event();
  event.buckets.offsets.pop_back();
  EXPECT_NE(
      inconsistency(event).find(
          "bucket_spacePoints has hit lists for another number of buckets than bucket_index (3)"),
      std::string::npos);
  event = small_event();
  event.buckets.offsets = {0, 3, 2, 5};
  EXPECT_NE(inconsistency(event).find("bucket_spacePoints[1] has a negative length"),
            std::string::npos);
}

TEST(NonFinite, FoundInHitsMuonsAndBuckets) {
  Event event = small_event();
  EXPECT_EQ(first_non_finite(event), "");
  event.buckets.x_min[1] = -inf;
  EXPECT_EQ(first_non_finite(event), "bucket_xMin[1] = -inf");
  event.muons.phi[1] = inf;
  EXPECT_EQ(first_non_finite(event), "truthMuon_phi[1] = inf");
  event.hits.time[3] = nan;
  EXPECT_EQ(first_non_finite(event), "spacePoint_time[3] = nan");
}

TEST(NonFinite, MarksHitsWithAnyBadFloat) {
  HitTable hits = small_event().hits;
  hits.cov_yy[0] = nan;
  hits.local_x[2] = inf;
  EXPECT_EQ(non_finite_hits(hits), (std::vector<std::uint8_t>{1, 0, 1, 0}));
}

}  // namespace
}  // namespace stationhit::core
