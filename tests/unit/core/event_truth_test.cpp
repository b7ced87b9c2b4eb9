#include <algorithm>
#include <set>

#include <gtest/gtest.h>
#include <support/random_event.hpp>

#include <stationhit/core/buckets.hpp>
#include <stationhit/core/event_truth.hpp>

namespace stationhit::core {
namespace {

std::vector<std::uint32_t> hits_of(const EventTruth& truth, std::size_t bucket) {
  return {truth.bucket_hits.begin() + truth.bucket_offsets[bucket],
          truth.bucket_hits.begin() + truth.bucket_offsets[bucket + 1]};
}

TEST(EventTruth, HasTheColumnsOfTheEvent) {
  const Event event = test::random_event(3, 200, 2);
  const EventTruth truth = truth_of(event);
  EXPECT_TRUE(truth.has_places());
  EXPECT_EQ(truth.event_number, event.header.event_number);
  EXPECT_EQ(truth.mc_channel_number, event.header.mc_channel_number);
  EXPECT_EQ(truth.truth_link, event.hits.truth_link);
  EXPECT_EQ(truth.station_index, event.hits.station_index);
  EXPECT_EQ(truth.station_eta, event.hits.station_eta);
  EXPECT_EQ(truth.station_phi, event.hits.station_phi);
  EXPECT_EQ(truth.layer, event.hits.layer);
  EXPECT_EQ(truth.muon_q, event.muons.q);
}

TEST(EventTruth, BucketsHoldEachHitThatMeasuresThePrecisionCoordinateOnce) {
  Event event = test::random_event(3, 200, 2);
  event.buckets.hits.push_back(event.buckets.hits.back());
  ++event.buckets.offsets.back();
  const EventTruth truth = truth_of(event);
  ASSERT_EQ(truth.bucket_offsets.size(), event.buckets.size() + 1);
  std::size_t left_out = 0;
  for (std::size_t b = 0; b < event.buckets.size(); ++b) {
    std::set<std::uint32_t> expected;
    for (const std::uint32_t hit : event.buckets.hits_of(b)) {
      const bool phi_only = event.hits.meas_eta[hit] == 0 && event.hits.meas_phi[hit] != 0;
      left_out += phi_only ? 1 : 0;
      if (!phi_only) expected.insert(hit);
    }
    const std::vector<std::uint32_t> found = hits_of(truth, b);
    EXPECT_EQ(found.size(), expected.size()) << b;
    EXPECT_EQ(std::set<std::uint32_t>(found.begin(), found.end()), expected) << b;
  }
  EXPECT_GT(left_out, 0U);
}

TEST(EventTruth, EventWithoutBucketsHasThoseOfTheRule) {
  Event event = test::random_event(4, 150, 1), with_buckets = event;
  event.buckets = {};
  with_buckets.buckets = build_buckets(event.hits);
  EXPECT_EQ(truth_of(event), truth_of(with_buckets));
  EXPECT_NE(truth_of(event), truth_of(test::random_event(4, 150, 1)));
  EXPECT_TRUE(truth_of(Event{}).has_places());
  EXPECT_FALSE(EventTruth{}.has_places());
}

}  // namespace
}  // namespace stationhit::core
