#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <support/random_event.hpp>

#include <stationhit/core/buckets.hpp>
#include <stationhit/core/canonical_order.hpp>
#include <stationhit/core/technology.hpp>

namespace stationhit::core {
namespace {

constexpr std::uint8_t bml = 2;

// A barrel chamber hit (sector 1, positive side) with the precision coordinate z.
void add_barrel_hit(HitTable& hits, float z) {
  const std::size_t i = hits.size();
  resize(hits, i + 1);
  hits.glob_x[i] = 7500;
  hits.glob_z[i] = hits.edge_low_z[i] = hits.edge_high_z[i] = z;
  hits.edge_low_y[i] = -1500;
  hits.edge_high_y[i] = 1500;
  hits.station_index[i] = bml;
  hits.station_eta[i] = 1;
  hits.station_phi[i] = 1;
  hits.channel[i] = static_cast<std::uint16_t>(i + 1);
  hits.meas_eta[i] = 1;
}

void add_phi_only_hit(HitTable& hits, float z_low, float z_high) {
  add_barrel_hit(hits, (z_low + z_high) / 2);
  hits.meas_eta.back() = 0;
  hits.meas_phi.back() = 1;
  hits.edge_low_z.back() = z_low;
  hits.edge_high_z.back() = z_high;
}

HitTable barrel_hits(std::initializer_list<float> z) {
  HitTable hits;
  for (const float value : z) add_barrel_hit(hits, value);
  return hits;
}

std::vector<std::vector<std::uint32_t>> lists(const BucketTable& table) {
  std::vector<std::vector<std::uint32_t>> result;
  for (std::size_t b = 0; b < table.size(); ++b)
    result.emplace_back(table.hits_of(b).begin(), table.hits_of(b).end());
  return result;
}

using Lists = std::vector<std::vector<std::uint32_t>>;

TEST(BuildBuckets, AnEventWithoutHitsHasNoBuckets) {
  const BucketTable table = build_buckets({});
  EXPECT_EQ(table.size(), 0U);
  EXPECT_EQ(table.offsets, std::vector<std::uint32_t>{0});
}

TEST(BuildBuckets, CutsAtAGapAndMirrorsNothingAcrossIt) {
  EXPECT_EQ(lists(build_buckets(barrel_hits({0, 100, 901, 1000}))), (Lists{{0, 1}, {2, 3}}));
  EXPECT_EQ(lists(build_buckets(barrel_hits({0, 100, 900, 1000}))), (Lists{{0, 1, 2, 3}}))
      << "a gap of exactly 0.8 m does not cut";
}

TEST(BuildBuckets, CutsAtTheLengthAndMirrorsWithinAQuarterMeterOfTheBorder) {
  // The border is at (2000 + 2100) / 2 = 2050: mirrored are 1800 .. 2300, limits included.
  const BucketTable table =
      build_buckets(barrel_hits({0, 700, 1400, 1799, 1800, 2000, 2100, 2300, 2301}));
  EXPECT_EQ(lists(table), (Lists{{0, 1, 2, 3, 4, 5, 6, 7}, {4, 5, 6, 7, 8}}));
  EXPECT_EQ(table.x_min, (std::vector<float>{0, 2100}));
  EXPECT_EQ(table.x_max, (std::vector<float>{2000, 2301}));
  EXPECT_EQ(table.index, (std::vector<std::uint16_t>{0, 1}));
  EXPECT_EQ(lists(build_buckets(barrel_hits({0, 700, 1400, 2000}))), (Lists{{0, 1, 2, 3}}))
      << "exactly 2 m fit";
}

TEST(BuildBuckets, PhiOnlyHitsJoinEveryBucketTheyOverlapAndCutNothing) {
  HitTable hits = barrel_hits({0, 500, 2000, 2500});
  add_phi_only_hit(hits, 400, 1999);   // first bucket only
  add_phi_only_hit(hits, 500, 2000);   // touches both
  add_phi_only_hit(hits, 501, 1999);   // none
  add_phi_only_hit(hits, -900, 4000);  // both
  EXPECT_EQ(lists(build_buckets(hits)), (Lists{{0, 1, 4, 5, 7}, {2, 3, 5, 7}}));
}

TEST(BuildBuckets, SeparatesLayersSectorsAndSides) {
  HitTable hits = barrel_hits({0, 10, 20, 30, 40});
  hits.station_eta[1] = -1;
  hits.station_phi[2] = 2;
  hits.station_index[3] = 3;  // BMS: the small sector beside
  hits.station_index[4] = 0;  // BIL
  EXPECT_EQ(build_buckets(hits).size(), 5U);
  hits.station_index[4] = 53;  // BME belongs to BM
  EXPECT_EQ(build_buckets(hits).size(), 4U);
}

TEST(BuildBuckets, HitsWithNanOrInfAreInNoBucket) {
  HitTable hits = barrel_hits({0, 10, 20});
  hits.local_x[0] = std::numeric_limits<float>::quiet_NaN();
  hits.glob_z[2] = std::numeric_limits<float>::infinity();
  EXPECT_EQ(lists(build_buckets(hits)), (Lists{{1}}));
}

// ---- brute force
// ------------------------------------------------------------------------------------------

using Key = std::tuple<int, int, int>;  // layer, sector, negative side

float projected(const Key& key, float x, float y, float z) {
  if (std::get<0>(key) <= 2) return z;
  const double phi = (std::get<1>(key) - 1) * std::acos(-1.0) / 8;
  return static_cast<float>(double{x} * std::cos(phi) + double{y} * std::sin(phi));
}

struct PlainBucket {
  Key key;
  float x_min = 0, x_max = 0;
  std::set<std::uint32_t> hits;
  bool operator==(const PlainBucket&) const = default;
};

// The rule as it is worded, hit by hit, without any use of sortedness beyond the walk.
std::vector<PlainBucket> plain_buckets(const HitTable& hits) {
  std::map<Key, std::vector<std::pair<float, std::uint32_t>>> groups;
  std::map<Key, std::vector<std::uint32_t>> phi_only;
  for (std::uint32_t i = 0; i < hits.size(); ++i) {
    const Key key{static_cast<int>(station_layer(hits.station_index[i])),
                  sector(static_cast<Technology>(hits.technology[i]), hits.station_index[i],
                         hits.station_phi[i]),
                  hits.station_eta[i] < 0};
    if (hits.meas_eta[i] == 0 && hits.meas_phi[i] == 1)
      phi_only[key].push_back(i);
    else
      groups[key].emplace_back(projected(key, hits.glob_x[i], hits.glob_y[i], hits.glob_z[i]), i);
  }
  std::vector<PlainBucket> all;
  for (auto& [key, members] : groups) {
    std::sort(members.begin(), members.end());
    std::vector<PlainBucket> own;
    std::vector<std::pair<double, bool>>
        borders;  // position, is a gap; border b is between buckets b and b + 1
    float previous = 0;
    for (const auto& [y, hit] : members) {
      if (own.empty() || double{y} - double{own.back().x_min} > 2000 ||
          double{y} - double{previous} > 800) {
        if (!own.empty())
          borders.emplace_back((double{y} + double{previous}) / 2,
                               double{y} - double{previous} > 800);
        own.push_back({key, y, y, {}});
      }
      own.back().x_max = previous = y;
      own.back().hits.insert(hit);
    }
    const std::vector<PlainBucket> unmirrored = own;
    for (std::size_t b = 0; b < borders.size(); ++b) {
      for (const auto& [y, hit] : members) {
        if (borders[b].second || std::abs(double{y} - borders[b].first) > 250) continue;
        if (unmirrored[b].hits.contains(hit)) own[b + 1].hits.insert(hit);
        if (unmirrored[b + 1].hits.contains(hit)) own[b].hits.insert(hit);
      }
    }
    for (PlainBucket& bucket : own) {
      for (const std::uint32_t i : phi_only[key]) {
        const float a = projected(key, hits.edge_low_x[i], hits.edge_low_y[i], hits.edge_low_z[i]);
        const float b =
            projected(key, hits.edge_high_x[i], hits.edge_high_y[i], hits.edge_high_z[i]);
        if (std::max(a, b) >= bucket.x_min && std::min(a, b) <= bucket.x_max) bucket.hits.insert(i);
      }
      all.push_back(bucket);
    }
  }
  return all;
}

std::vector<PlainBucket> as_plain(const HitTable& hits, const BucketTable& table) {
  std::vector<PlainBucket> result;
  for (std::size_t b = 0; b < table.size(); ++b) {
    const auto list = table.hits_of(b);
    const std::uint32_t i = list.front();
    const Key key{static_cast<int>(station_layer(table.station_index[b])),
                  sector(static_cast<Technology>(hits.technology[i]), hits.station_index[i],
                         hits.station_phi[i]),
                  table.station_eta[b] < 0};
    result.push_back({key, table.x_min[b], table.x_max[b], {list.begin(), list.end()}});
    EXPECT_EQ(result.back().hits.size(), list.size()) << "a hit twice in bucket " << b;
  }
  return result;
}

// Dense enough for cuts by length and for mirrors: positions of few chambers, some of them equal.
Event dense_event(std::uint64_t seed, std::size_t n_hits) {
  Event event = test::random_event(seed, n_hits, 0);
  std::mt19937_64 random(seed);
  const auto pick = [&](std::int64_t n) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(n));
  };
  for (std::size_t i = 0; i < n_hits; ++i) {
    event.hits.station_phi[i] = static_cast<std::uint8_t>(1 + pick(2));
    event.hits.station_eta[i] = static_cast<std::int8_t>(pick(2) == 0 ? -1 : 1);
    event.hits.glob_x[i] = event.hits.edge_low_x[i] = event.hits.edge_high_x[i] =
        static_cast<float>(pick(9000));
    event.hits.glob_z[i] = static_cast<float>(pick(90) * 125);
    event.hits.edge_low_z[i] = event.hits.glob_z[i] - 700;
    event.hits.edge_high_z[i] = event.hits.glob_z[i] + 700;
  }
  return event;
}

TEST(BuildBuckets, AgreesWithTheRuleReadHitByHit) {
  std::size_t in_two = 0;
  for (const std::size_t n : {1U, 2U, 30U, 300U, 3000U}) {
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
      const Event event = dense_event(seed, n);
      const BucketTable table = build_buckets(event.hits);
      EXPECT_EQ(as_plain(event.hits, table), plain_buckets(event.hits))
          << n << " hits, seed " << seed;
      in_two +=
          table.hits.size() - std::set<std::uint32_t>(table.hits.begin(), table.hits.end()).size();
    }
  }
  EXPECT_GT(in_two, 1000U) << "the sample does not test mirrors";
}

TEST(BuildBuckets, APermutationOfTheHitsOnlyRenamesThem) {
  const Event event = dense_event(3, 2000);
  std::vector<std::uint32_t> rows(event.hits.size());
  std::iota(rows.begin(), rows.end(), 0U);
  std::shuffle(rows.begin(), rows.end(), std::mt19937_64(7));
  BucketTable permuted = build_buckets(gather(event.hits, rows));
  for (std::uint32_t& hit : permuted.hits) hit = rows[hit];
  EXPECT_EQ(permuted, build_buckets(event.hits));
}

}  // namespace
}  // namespace stationhit::core
