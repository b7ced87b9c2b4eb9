#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <stationhit/simulation/segment_statistics.hpp>

namespace stationhit::simulation {
namespace {

constexpr std::uint8_t bil = 0, bml = 2, bol = 4, eml = 17;

// Events hit by hit; every call of add makes one bucket.
class SegmentEvent {
 public:
  explicit SegmentEvent(const std::vector<Origin>& origins) {
    for (const Origin origin : origins) event_.particles.push_back({origin, true});
    event_.event.buckets.offsets = {0};
  }
  // n hits at this direction, 5 m from the origin, in as many layers or in n_layers.
  void add(std::uint32_t particle, std::uint8_t station, std::size_t n, double phi, double theta,
           std::size_t n_layers = 99) {
    core::HitTable& hits = event_.event.hits;
    const std::size_t first = hits.size();
    core::resize(hits, first + n);
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t hit = first + i;
      hits.station_index[hit] = station;
      hits.layer[hit] = static_cast<std::uint8_t>(i % n_layers + 1);
      hits.glob_x[hit] = static_cast<float>(5000 * std::sin(theta) * std::cos(phi));
      hits.glob_y[hit] = static_cast<float>(5000 * std::sin(theta) * std::sin(phi));
      hits.glob_z[hit] = static_cast<float>(5000 * std::cos(theta));
      event_.hit_particle.push_back(particle);
      event_.event.buckets.hits.push_back(static_cast<std::uint32_t>(hit));
    }
    event_.event.buckets.index.push_back(0);
    event_.event.buckets.offsets.push_back(static_cast<std::uint32_t>(first + n));
    links_.resize(first + n, particle == 0 ? std::int8_t{0} : std::int8_t{-1});
  }
  SegmentStatistics count() const {
    SegmentStatistics statistics;
    statistics.add(event_, links_);
    return statistics;
  }

 private:
  SimulatedEvent event_;
  std::vector<std::int8_t> links_;
};

const SegmentCounts& of(const SegmentStatistics& statistics, Origin origin) {
  return statistics.kinds[static_cast<std::size_t>(origin)];
}

TEST(SegmentStatistics, CountsTheStationsOfAParticle) {
  SegmentEvent event({Origin::muon, Origin::secondary, Origin::conversion});
  event.add(0, bil, 8, 0.5, 1.0);
  event.add(0, bml, 6, 0.5, 1.01);
  event.add(0, bol, 4, 0.5, 1.0);
  event.add(1, bml, 4, 2.0, 1.0);
  event.add(1, bol, 3, 2.0, 1.0);  // no segment
  event.add(2, bol, 3, 2.0, 1.0);
  const SegmentStatistics statistics = event.count();
  EXPECT_EQ(statistics.events, 1U);
  EXPECT_EQ(statistics.kinds[signal_kind].particles, (std::array<std::uint64_t, 3>{0, 0, 1}));
  EXPECT_EQ(statistics.kinds[signal_kind].segments, 3U);
  EXPECT_EQ(statistics.kinds[signal_kind].confirmed, (std::array<std::uint64_t, 2>{3, 3}));
  EXPECT_EQ(statistics.kinds[signal_kind].confirmed_by_others[1], 0U);
  EXPECT_EQ(of(statistics, Origin::secondary).particles, (std::array<std::uint64_t, 3>{1, 0, 0}));
  EXPECT_EQ(of(statistics, Origin::secondary).confirmed[1], 0U);
  EXPECT_EQ(of(statistics, Origin::conversion).segments, 0U);
  EXPECT_EQ(of(statistics, Origin::muon).segments, 0U) << "the muon passes the cuts";
}

TEST(SegmentStatistics, AnotherParticleConfirmsWithinTheWindowsOfPhiAndTheta) {
  for (const auto& [phi, theta, narrow, wide] :
       std::vector<std::tuple<double, double, std::uint64_t, std::uint64_t>>{
           {0.11, 0.019, 1, 1}, {0.11, 0.03, 0, 1}, {0.0, 0.07, 0, 0}, {0.13, 0.0, 0, 0}}) {
    SegmentEvent event({Origin::muon, Origin::cavern_track});
    event.add(0, bil, 8, 3.1, 1.0);
    event.add(1, eml, 6, 3.1 + phi, 1.0 + theta);  // beyond pi
    const SegmentStatistics statistics = event.count();
    const SegmentCounts& counts = of(statistics, Origin::cavern_track);
    EXPECT_EQ(counts.confirmed, (std::array{narrow, wide})) << phi << ' ' << theta;
    EXPECT_EQ(counts.confirmed_by_others, (std::array{narrow, wide}));
  }
}

TEST(SegmentStatistics, TwoBucketsOfAStationAreOneSegmentAndConfirmNothing) {
  SegmentEvent event({Origin::muon, Origin::cavern_track});
  event.add(1, bml, 4, 1.0, 1.0);
  event.add(1, bml, 6, 1.0, 1.0);
  const SegmentStatistics statistics = event.count();
  EXPECT_EQ(of(statistics, Origin::cavern_track).segments, 1U);
  EXPECT_EQ(of(statistics, Origin::cavern_track).confirmed[1], 0U);
}

TEST(SegmentStatistics, LayersCountAndNotHits) {
  SegmentEvent event({Origin::muon, Origin::cavern_track});
  event.add(1, bml, 9, 1.0, 1.0, 3);
  EXPECT_EQ(of(event.count(), Origin::cavern_track).segments, 0U);
}

TEST(SegmentTable, HasARowPerKindWithSegmentsAndPercentages) {
  SegmentStatistics statistics;
  statistics.events = 10;
  SegmentCounts& counts = statistics.kinds[static_cast<std::size_t>(Origin::secondary)];
  counts.particles = {1, 2, 1};
  counts.segments = 8;
  counts.confirmed = {2, 4};
  counts.confirmed_by_others = {0, 1};
  std::array<std::string, n_segment_kinds> names;
  names.fill("none of them");
  names[static_cast<std::size_t>(Origin::secondary)] = "secondary";
  const std::string table = segment_table(statistics, names);
  EXPECT_NE(
      table.find("secondary                  0.400       0.800   25.0   50.0   25.0    25.0    "
                 "50.0     0.0    12.5\n"),
      std::string::npos)
      << table;
  EXPECT_EQ(table.find("none of them"), std::string::npos);
}

}  // namespace
}  // namespace stationhit::simulation
