#include <algorithm>
#include <tuple>

#include <gtest/gtest.h>

#include <stationhit/core/canonical_order.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/graph/neighbours.hpp>

#include "example_events.hpp"
#include "permuted_event.hpp"
#include "support/random_event.hpp"

namespace stationhit::graph {
namespace {

float value_of(const core::HitTable& hits, const std::string& name, std::uint32_t hit) {
  if (name == "localX") return hits.local_x[hit];
  if (name == "localY") return hits.local_y[hit];
  if (name == "localZ") return hits.local_z[hit];
  if (name == "globX") return hits.glob_x[hit];
  if (name == "globY") return hits.glob_y[hit];
  return hits.glob_z[hit];
}

// Straight from the definition: sort all other nodes of the group, hits by their rank in the whole event.
std::vector<std::int32_t> reference(const core::Event& event, const NodeTable& nodes, const GraphConfig& config) {
  const auto rank = core::canonical_rank(event.hits);
  std::vector<std::int32_t> table;
  for (std::size_t b = 0; b < nodes.n_groups(); ++b) {
    for (std::uint32_t i = nodes.offsets[b]; i < nodes.offsets[b + 1]; ++i) {
      std::vector<std::tuple<float, std::uint32_t, std::int32_t>> others;
      for (std::uint32_t j = nodes.offsets[b]; j < nodes.offsets[b + 1]; ++j) {
        if (nodes.hit[i] == nodes.hit[j]) continue;
        float d2 = 0;
        for (const std::string& name : config.metric) {
          const float d = value_of(event.hits, name, nodes.hit[i]) - value_of(event.hits, name, nodes.hit[j]);
          d2 = d2 + d * d;
        }
        others.emplace_back(d2, rank[nodes.hit[j]], static_cast<std::int32_t>(j));
      }
      std::sort(others.begin(), others.end());
      for (std::int32_t s = 0; s < config.k; ++s)
        table.push_back(s < static_cast<std::int32_t>(others.size()) ? std::get<2>(others[s]) : no_neighbour);
    }
  }
  return table;
}

GraphConfig config_with(std::int32_t k, std::vector<std::string> metric) {
  GraphConfig config;
  config.k = k;
  config.metric = std::move(metric);
  return config;
}

using Case = std::tuple<std::int32_t, std::vector<std::string>>;
class Neighbours : public testing::TestWithParam<Case> {
 protected:
  [[nodiscard]] GraphConfig config() const { return config_with(std::get<0>(GetParam()), std::get<1>(GetParam())); }
};

TEST_P(Neighbours, AreThoseOfTheDefinitionOnRandomEvents) {
  for (const std::size_t n_hits : {1U, 2U, 33U, 700U}) {
    const core::Event event = test::random_event(n_hits, n_hits, 2);
    const NodeTable nodes = make_nodes(event, config());
    EXPECT_EQ(build_neighbours(event, nodes, config()).index, reference(event, nodes, config())) << n_hits;
  }
}

TEST_P(Neighbours, AreThoseOfTheDefinitionOnALatticeOfTies) {
  for (const std::uint16_t tubes : std::initializer_list<std::uint16_t>{1, 2, 4, 12, 64}) {  // up to 512 hits in one group
    const core::Event event = test::permuted(test::mdt_lattice(tubes), tubes).event;
    const NodeTable nodes = make_nodes(event, config());
    EXPECT_EQ(build_neighbours(event, nodes, config()).index, reference(event, nodes, config())) << tubes;
  }
}

TEST_P(Neighbours, DoNotDependOnTheOrderOfHitsAndBuckets) {
  for (const core::Event& event : {test::random_event(5, 900, 2), test::mdt_lattice(20), test::mdt_lattice(70)}) {
    const NodeTable nodes = make_nodes(event, config());
    const auto table = build_neighbours(event, nodes, config());
    for (unsigned seed = 0; seed < 5; ++seed) {
      const auto [other, new_index] = test::permuted(event, seed);
      const NodeTable other_nodes = make_nodes(other, config());
      ASSERT_EQ(other_nodes.size(), nodes.size());
      for (std::size_t i = 0; i < nodes.size(); ++i) ASSERT_EQ(other_nodes.hit[i], new_index[nodes.hit[i]]);
      EXPECT_EQ(build_neighbours(other, other_nodes, config()).index, table.index);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Metrics, Neighbours,
                         testing::Values(Case{16, {"localY", "localZ"}}, Case{1, {"localY"}}, Case{3, {"localX", "localY", "localZ"}},
                                         Case{16, {"globX", "globY", "globZ"}}, Case{40, {"localZ", "localY"}}, Case{600, {"localY", "globZ"}}));

TEST(NeighbourTable, RowsOfASmallGroupArePadded) {
  core::Event event = test::row_of_hits(4);
  test::set_buckets(event, {{2, 0, 1}});
  const GraphConfig config = config_with(3, {"localY"});
  const auto table = build_neighbours(event, make_nodes(event, config), config);
  // Nodes 0 to 2 at y = 0, 10, 20 mm; hit 3 is in no bucket. Node 1 is as far from 0 as from 2: the lower channel first.
  EXPECT_EQ(table.index, (std::vector<std::int32_t>{1, 2, -1, 0, 2, -1, 1, 0, -1, -1, -1, -1}));
  EXPECT_EQ(table.n_nodes(), 4U);
  EXPECT_EQ(table.row(2)[0], 1);
}

TEST(NeighbourTable, AnEventWithoutHitsHasNoRows) {
  const core::Event event;
  const GraphConfig config;
  EXPECT_EQ(build_neighbours(event, make_nodes(event, config), config).n_nodes(), 0U);
}

TEST(NeighbourTable, MirroredHitsHaveNeighboursInEachBucket) {
  core::Event event = test::row_of_hits(3);
  test::set_buckets(event, {{0, 1}, {1, 2}});
  const GraphConfig config = config_with(2, {"localY"});
  const NodeTable nodes = make_nodes(event, config);
  EXPECT_EQ(nodes.hit, (std::vector<std::uint32_t>{0, 1, 1, 2}));
  EXPECT_EQ(build_neighbours(event, nodes, config).index, (std::vector<std::int32_t>{1, -1, 0, -1, 3, -1, 2, -1}));
}

TEST(NeighbourTable, DistancesThatOverflowAreStillOrderedCanonically) {
  core::Event event = test::row_of_hits(3);
  event.hits.local_y = {-3e38F, 3e38F, 3e38F};
  test::set_buckets(event, {{0, 1, 2}});
  const GraphConfig config = config_with(2, {"localY"});
  EXPECT_EQ(build_neighbours(event, make_nodes(event, config), config).index, (std::vector<std::int32_t>{1, 2, 2, 0, 1, 0}));
}

TEST(NeighbourTable, ManyEqualPointsInOneGroupAreOrderedCanonically) {
  core::Event event = test::row_of_hits(500);
  std::fill(event.hits.local_y.begin(), event.hits.local_y.end(), 1.0F);
  std::vector<std::uint32_t> all(500);
  for (std::uint32_t i = 0; i < 500; ++i) all[i] = i;
  test::set_buckets(event, {all});
  const GraphConfig config = config_with(2, {"localY"});
  const auto table = build_neighbours(event, make_nodes(event, config), config);
  EXPECT_EQ(table.row(0)[0], 1);
  EXPECT_EQ(table.row(0)[1], 2);
  EXPECT_EQ(table.row(499)[0], 0);
  EXPECT_EQ(table.row(499)[1], 1);
}

TEST(NeighbourTable, AnUnknownCoordinateIsAConfigError) {
  const core::Event event = test::row_of_hits(2);
  try {
    (void)build_neighbours(event, make_nodes(event, {}), config_with(2, {"localW"}));
    FAIL();
  } catch (const core::ConfigError& error) {
    EXPECT_STREQ(error.what(),
                 "graph.metric has the unknown coordinate \"localW\", allowed: localX, localY, localZ, globX, globY, globZ (did you mean localX?)");
  }
}

}  // namespace
}  // namespace stationhit::graph
