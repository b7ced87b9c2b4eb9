#include <cmath>
#include <limits>
#include <map>

#include <gtest/gtest.h>

#include <stationhit/core/canonical_order.hpp>
#include <stationhit/core/technology.hpp>
#include <stationhit/graph/nodes.hpp>

#include "example_events.hpp"
#include "permuted_event.hpp"
#include "support/random_event.hpp"

namespace stationhit::graph {
namespace {

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float inf = std::numeric_limits<float>::infinity();

TEST(Nodes, AreOnePerHitAndBucketInCanonicalOrder) {
  const core::Event event = test::permuted(test::random_event(3, 500, 1), 1).event;
  const NodeTable nodes = make_nodes(event, {});
  ASSERT_EQ(nodes.size(), event.buckets.hits.size());
  ASSERT_EQ(nodes.n_groups(), event.buckets.size());
  std::vector<std::vector<std::uint32_t>> groups, lists;
  for (std::size_t b = 0; b < nodes.n_groups(); ++b) {
    groups.emplace_back(nodes.hit.begin() + nodes.offsets[b],
                        nodes.hit.begin() + nodes.offsets[b + 1]);
    for (std::size_t i = 1; i < groups.back().size(); ++i)
      EXPECT_LT(core::compare_canonical(event.hits, groups.back()[i - 1], groups.back()[i]), 0);
    std::sort(groups.back().begin(), groups.back().end());
    const auto hits = event.buckets.hits_of(b);
    lists.emplace_back(hits.begin(), hits.end());
    std::sort(lists.back().begin(), lists.back().end());
  }
  std::sort(groups.begin(), groups.end());
  std::sort(lists.begin(), lists.end());
  EXPECT_EQ(groups, lists);
}

TEST(Nodes, KeepTheRangeOfTheFilesBucket) {
  core::Event event = test::row_of_hits(3);
  test::set_buckets(event, {{2}, {0, 1}});
  event.buckets.x_min = {-7.0F, -8.0F};
  event.buckets.x_max = {70.0F, 80.0F};
  const NodeTable nodes = make_nodes(event, {});
  EXPECT_EQ(nodes.hit, (std::vector<std::uint32_t>{0, 1, 2}));
  EXPECT_EQ(nodes.offsets, (std::vector<std::uint32_t>{0, 2, 3}));
  EXPECT_EQ(nodes.y_min, (std::vector<float>{-8.0F, -7.0F}));
  EXPECT_EQ(nodes.y_max, (std::vector<float>{80.0F, 70.0F}));
}

TEST(Nodes, TakeTheRangeOfTheHitsWhereTheFilesIsNotFinite) {
  core::Event event = test::row_of_hits(3);
  test::set_buckets(event, {{0, 2}});
  event.buckets.x_min = {nan};
  const NodeTable nodes = make_nodes(event, {});
  EXPECT_EQ(nodes.y_min[0], 0.0F);
  EXPECT_EQ(nodes.y_max[0], 20.0F);
}

TEST(Nodes, GiveAHitInNoBucketABucketOfItsOwn) {
  core::Event event = test::row_of_hits(3);
  test::set_buckets(event, {{0, 2}});
  const NodeTable nodes = make_nodes(event, {});
  EXPECT_EQ(nodes.hit, (std::vector<std::uint32_t>{0, 2, 1}));
  EXPECT_EQ(nodes.offsets, (std::vector<std::uint32_t>{0, 2, 3}));
  EXPECT_EQ(nodes.y_min[1], 10.0F);
  EXPECT_EQ(nodes.y_max[1], 10.0F);
}

TEST(Nodes, LeaveOutHitsThatAreNotFiniteAndEmptyBuckets) {
  core::Event event = test::row_of_hits(5);
  test::set_buckets(event, {{}, {0, 1, 2}, {3}});
  event.hits.time[1] = nan;
  event.hits.cov_xy[3] = inf;
  event.hits.local_y[4] = -inf;
  const NodeTable nodes = make_nodes(event, {});
  EXPECT_EQ(nodes.hit, (std::vector<std::uint32_t>{0, 2}));
  EXPECT_EQ(nodes.offsets, (std::vector<std::uint32_t>{0, 2}));
}

TEST(Nodes, CountAHitListedTwiceInABucketOnce) {
  core::Event event = test::row_of_hits(2);
  test::set_buckets(event, {{1, 0, 1}});
  EXPECT_EQ(make_nodes(event, {}).hit, (std::vector<std::uint32_t>{0, 1}));
}

TEST(Nodes, OfAnEventWithoutHitsAreNone) {
  const NodeTable nodes = make_nodes({}, {});
  EXPECT_EQ(nodes.size(), 0U);
  EXPECT_EQ(nodes.n_groups(), 0U);
}

TEST(Nodes, BreakTiesOfTheOrderByLaterColumns) {
  core::Event event = test::row_of_hits(4);
  test::set_buckets(event, {{0, 1, 2, 3}});
  event.hits.channel.assign(4, 1);
  event.hits.sec_channel = {300, 2, -1, 2};
  event.hits.time = {0.0F, 5.0F, 0.0F, -5.0F};
  event.hits.local_y.assign(4, 0.0F);
  EXPECT_EQ(make_nodes(event, {}).hit, (std::vector<std::uint32_t>{2, 3, 1, 0}));
}

TEST(Nodes, GroupsThatShareHitsAreOrderedWhateverTheOrderInTheFile) {
  core::Event event = test::row_of_hits(4);
  for (const auto& lists : std::vector<std::vector<std::vector<std::uint32_t>>>{
           {{0, 1}, {0, 1, 2}, {0, 3}}, {{3, 0}, {2, 1, 0}, {1, 0}}}) {
    test::set_buckets(event, lists);
    EXPECT_EQ(make_nodes(event, {}).hit, (std::vector<std::uint32_t>{0, 1, 0, 1, 2, 0, 3}));
  }
}

// Hits of one chamber at these global z: the barrel's precision coordinate.
core::Event barrel_hits(const std::vector<float>& z) {
  core::Event event = test::row_of_hits(static_cast<std::uint16_t>(z.size()));
  event.hits.glob_z = z;
  event.hits.meas_eta.assign(z.size(), 1);
  return event;
}

TEST(Nodes, OfBuiltBucketsFollowTheBucketRule) {
  // A gap of more than 0.8 m after hit 1. Hit 6 is more than 2 m from hit 2: a border at 4625 mm,
  // hits 5, 6 and 7 are within 250 mm of it.
  const core::Event event =
      barrel_hits({0.0F, 700.0F, 2600.0F, 3300.0F, 4000.0F, 4550.0F, 4700.0F, 4800.0F, 5000.0F});
  const NodeTable nodes = make_nodes(event, {});
  EXPECT_EQ(nodes.offsets, (std::vector<std::uint32_t>{0, 2, 8, 12}));
  EXPECT_EQ(nodes.hit, (std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5, 6, 7, 5, 6, 7, 8}));
  EXPECT_EQ(nodes.y_min, (std::vector<float>{0.0F, 2600.0F, 4700.0F}));
  EXPECT_EQ(nodes.y_max, (std::vector<float>{700.0F, 4550.0F, 5000.0F}));
}

TEST(Nodes, TakeTheBucketsThatTheConfigAsksFor) {
  GraphConfig config;
  core::Event event = barrel_hits({0.0F, 700.0F, 2600.0F});
  const auto offsets = [&](BucketSource buckets) {
    config.buckets = buckets;
    return make_nodes(event, config).offsets;
  };
  EXPECT_EQ(offsets(BucketSource::file), (std::vector<std::uint32_t>{0, 1, 2, 3}));
  EXPECT_EQ(offsets(BucketSource::build), (std::vector<std::uint32_t>{0, 2, 3}));
  EXPECT_EQ(offsets(BucketSource::automatic), (std::vector<std::uint32_t>{0, 2, 3}));
  test::set_buckets(event, {{0, 1, 2}});
  EXPECT_EQ(offsets(BucketSource::file), (std::vector<std::uint32_t>{0, 3}));
  EXPECT_EQ(offsets(BucketSource::build), (std::vector<std::uint32_t>{0, 2, 3}));
  EXPECT_EQ(offsets(BucketSource::automatic), (std::vector<std::uint32_t>{0, 3}));
}

TEST(Nodes, OfBuiltBucketsLeaveOutHitsThatAreNotFinite) {
  test::RandomValues random(3);
  core::Event event = test::row_of_hits(400);
  event.hits.channel.assign(400, 1);
  event.hits.meas_eta.assign(400, 1);
  std::size_t finite = 0;
  for (float& x : event.hits.local_x) {
    x = random.integer(0, 1) == 0 ? nan : random.real(-1.0F, 1.0F);
    if (!std::isnan(x)) ++finite;
  }
  GraphConfig config;
  config.buckets = BucketSource::build;
  const NodeTable nodes = make_nodes(event, config);
  EXPECT_EQ(nodes.size(), finite);
  for (const std::uint32_t hit : nodes.hit) EXPECT_TRUE(std::isfinite(event.hits.local_x[hit]));
}

TEST(Nodes, OfBuiltBucketsDoNotDependOnTheOrderOfHits) {
  GraphConfig config;
  config.buckets = BucketSource::build;
  const core::Event event = test::random_event(8, 2000, 2);
  const NodeTable nodes = make_nodes(event, config);
  EXPECT_GT(nodes.size(), event.hits.size());
  for (unsigned seed = 0; seed < 5; ++seed) {
    const auto [other, new_index] = test::permuted(event, seed);
    const NodeTable other_nodes = make_nodes(other, config);
    ASSERT_EQ(other_nodes.offsets, nodes.offsets);
    EXPECT_EQ(other_nodes.y_min, nodes.y_min);
    EXPECT_EQ(other_nodes.y_max, nodes.y_max);
    for (std::size_t i = 0; i < nodes.size(); ++i)
      ASSERT_EQ(other_nodes.hit[i], new_index[nodes.hit[i]]);
  }
}

// Lists of hits that must be groups, each and all in canonical order: a map from the number of the
// sector, or from 0.
std::vector<std::vector<std::uint32_t>> expected_groups(const core::Event& event, bool by_sector) {
  const auto without_node = core::non_finite_hits(event.hits);
  const auto rank = core::canonical_rank(event.hits);
  std::vector<std::uint32_t> hit_of_rank(rank.size());
  for (std::uint32_t hit = 0; hit < rank.size(); ++hit) hit_of_rank[rank[hit]] = hit;
  std::map<int, std::vector<std::uint32_t>> groups;
  for (const std::uint32_t hit : hit_of_rank) {
    if (without_node[hit] != 0) continue;
    const auto technology = static_cast<core::Technology>(event.hits.technology[hit]);
    groups[by_sector ? core::sector(technology, event.hits.station_index[hit],
                                    event.hits.station_phi[hit])
                     : 0]
        .push_back(hit);
  }
  std::vector<std::vector<std::uint32_t>> lists;
  for (const auto& [number, hits] : groups) lists.push_back(hits);
  std::sort(lists.begin(), lists.end(),
            [&](const auto& a, const auto& b) { return rank[a.front()] < rank[b.front()]; });
  return lists;
}

void expect_groups(const core::Event& event, Grouping grouping) {
  GraphConfig config;
  config.grouping = grouping;
  const NodeTable nodes = make_nodes(event, config);
  const auto expected = expected_groups(event, config.grouping == Grouping::sector);
  ASSERT_EQ(nodes.n_groups(), expected.size());
  for (std::size_t b = 0; b < expected.size(); ++b) {
    const std::vector<std::uint32_t> group(nodes.hit.begin() + nodes.offsets[b],
                                           nodes.hit.begin() + nodes.offsets[b + 1]);
    EXPECT_EQ(group, expected[b]) << b;
    const auto local_y = [&](auto a, auto c) {
      return event.hits.local_y[a] < event.hits.local_y[c];
    };
    EXPECT_EQ(nodes.y_min[b],
              event.hits.local_y[*std::min_element(group.begin(), group.end(), local_y)]);
    EXPECT_EQ(nodes.y_max[b],
              event.hits.local_y[*std::max_element(group.begin(), group.end(), local_y)]);
  }
}

TEST(Nodes, OfSectorsAndEventsAreOnePerHitWithoutMirrors) {
  for (const Grouping grouping : {Grouping::sector, Grouping::event}) {
    for (const std::size_t n_hits : {0U, 1U, 2U, 900U}) {
      core::Event event = test::random_event(n_hits + 4, n_hits, 2);
      for (std::size_t i = 0; i < n_hits / 5; ++i) event.hits.time[5 * i] = i % 2 == 0 ? nan : inf;
      for (unsigned seed = 0; seed < 3; ++seed)
        expect_groups(test::permuted(event, seed).event, grouping);
    }
    expect_groups(test::permuted(test::mdt_lattice_in_sectors(30), 7).event, grouping);
  }
}

TEST(Nodes, OfASectorComeFromAllStationsAndBothSides) {
  core::Event event = test::row_of_hits(4);
  event.hits.station_index = {2, 4, 3, 2};  // BML BOL BMS BML
  event.hits.station_phi = {2, 2, 1, 2};
  event.hits.station_eta = {-1, 3, 1, 5};
  GraphConfig config;
  config.grouping = Grouping::sector;
  const NodeTable nodes = make_nodes(event, config);
  EXPECT_EQ(nodes.hit, (std::vector<std::uint32_t>{0, 3, 1, 2}));
  EXPECT_EQ(nodes.offsets, (std::vector<std::uint32_t>{0, 3, 4}));
  EXPECT_EQ(nodes.y_min, (std::vector<float>{0.0F, 20.0F}));
  EXPECT_EQ(nodes.y_max, (std::vector<float>{30.0F, 20.0F}));
}

TEST(Nodes, AreNoneIfNoHitIsFinite) {
  core::Event event = test::row_of_hits(3);
  event.hits.time.assign(3, nan);
  for (const Grouping grouping : {Grouping::bucket, Grouping::sector, Grouping::event}) {
    GraphConfig config;
    config.grouping = grouping;
    EXPECT_EQ(make_nodes(event, config).offsets, (std::vector<std::uint32_t>{0}))
        << core::name(grouping);
  }
}

TEST(HitScores, AreTheLargestLogitOfTheNodes) {
  core::Event event = test::row_of_hits(5);
  test::set_buckets(event, {{0, 1}, {1, 2}, {3}});
  event.hits.time[4] = nan;
  const NodeTable nodes = make_nodes(event, {});
  ASSERT_EQ(nodes.hit, (std::vector<std::uint32_t>{0, 1, 1, 2, 3}));
  const std::vector<float> logits{1.0F, -3.0F, -2.0F, nan, -250.0F};
  EXPECT_EQ(hit_scores(nodes, logits, 5),
            (std::vector<float>{1.0F, -2.0F, -100.0F, -250.0F, -100.0F}));
  const std::vector<float> infinite{inf, nan, -2.0F, -inf, 0.0F};
  EXPECT_EQ(hit_scores(nodes, infinite, 5),
            (std::vector<float>{-100.0F, -2.0F, -100.0F, 0.0F, -100.0F}));
}

}  // namespace
}  // namespace stationhit::graph
