#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <tuple>

#include <gtest/gtest.h>
#include <support/random_event.hpp>

#include <stationhit/core/canonical_order.hpp>

namespace stationhit::core {
namespace {

// The definition, written as a tuple.
auto key(const HitTable& h, std::size_t i) {
  return std::make_tuple(h.technology[i], h.station_index[i], h.station_eta[i], h.station_phi[i],
                         h.layer[i], h.channel[i], h.sec_channel[i], h.local_x[i], h.local_y[i],
                         h.local_z[i], h.drift_r[i], h.time[i]);
}

std::vector<std::uint32_t> shuffled(std::size_t n, unsigned seed) {
  std::vector<std::uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0U);
  std::shuffle(order.begin(), order.end(), std::mt19937(seed));
  return order;
}

TEST(CanonicalOrder, ComparesLikeTheTuple) {
  HitTable hits = test::random_event(3, 60, 1).hits;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    hits.technology[i] = static_cast<std::uint8_t>(i % 2);
    hits.station_index[i] = hits.station_phi[i] = 1;
    hits.station_eta[i] = static_cast<std::int8_t>(i % 3) - 1;
    hits.layer[i] = 2;
    hits.channel[i] = static_cast<std::uint16_t>(i % 5);
    hits.sec_channel[i] = -1;
  }
  for (std::uint32_t a = 0; a < hits.size(); ++a) {
    for (std::uint32_t b = 0; b < hits.size(); ++b) {
      const int expected = (key(hits, b) < key(hits, a)) - (key(hits, a) < key(hits, b));
      EXPECT_EQ(compare_canonical(hits, a, b), expected) << a << " " << b;
    }
  }
}

TEST(CanonicalOrder, EachColumnOfTheDefinitionDecides) {
  const auto differs = [](auto column) {
    HitTable hits;
    resize(hits, 2);
    (hits.*column)[1] = 1;
    return compare_canonical(hits, 0, 1) < 0 && compare_canonical(hits, 1, 0) > 0;
  };
  EXPECT_TRUE(differs(&HitTable::sec_channel));
  EXPECT_TRUE(differs(&HitTable::local_x));
  EXPECT_TRUE(differs(&HitTable::local_y));
  EXPECT_TRUE(differs(&HitTable::local_z));
  EXPECT_TRUE(differs(&HitTable::drift_r));
  EXPECT_TRUE(differs(&HitTable::time));
  EXPECT_FALSE(differs(&HitTable::truth_link));
}

TEST(CanonicalOrder, RanksFollowTheHitsThroughAPermutation) {
  const HitTable hits = test::random_event(7, 300, 1).hits;
  const auto order = shuffled(hits.size(), 1);
  const HitTable permuted = gather(hits, order);
  const auto rank = canonical_rank(hits), permuted_rank = canonical_rank(permuted);
  for (std::size_t i = 0; i < order.size(); ++i) {
    // Equal hits may swap ranks; what they hold is the same.
    const auto original = std::find(rank.begin(), rank.end(), permuted_rank[i]) - rank.begin();
    EXPECT_EQ(key(permuted, i), key(hits, static_cast<std::size_t>(original)));
  }
}

TEST(CanonicalOrder, NotANumberStandsLast) {
  HitTable hits;
  resize(hits, 3);
  hits.local_y = {std::nanf(""), 2.0F, 1.0F};
  EXPECT_EQ(canonical_rank(hits), (std::vector<std::uint32_t>{2, 1, 0}));
  EXPECT_EQ(compare_canonical(hits, 0, 0), 0);
}

TEST(CanonicalOrder, EqualHitsKeepTheirIndexOrder) {
  HitTable hits;
  resize(hits, 4);
  EXPECT_EQ(canonical_rank(hits), (std::vector<std::uint32_t>{0, 1, 2, 3}));
  EXPECT_TRUE(canonical_rank(HitTable{}).empty());
}

}  // namespace
}  // namespace stationhit::core
