#include <algorithm>
#include <cmath>
#include <tuple>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/core/canonical_order.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/graph/neighbors.hpp>

#include "example_events.hpp"
#include "permuted_event.hpp"
#include "support/case_name.hpp"
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

bool is_near(float d2, const GraphConfig& config) {
  return config.edges != EdgeKind::radius ||
         d2 <= static_cast<float>((10.0 * config.radius) * (10.0 * config.radius));
}

// Straight from the definition: sort all other nodes of the group, hits by their rank in the whole
// event.
std::vector<std::int32_t> reference(const core::Event& event, const NodeTable& nodes,
                                    const GraphConfig& config) {
  if (config.edges == EdgeKind::fully_connected) return {};
  const auto rank = core::canonical_rank(event.hits);
  std::vector<std::int32_t> table;
  for (std::size_t b = 0; b < nodes.n_groups(); ++b) {
    for (std::uint32_t i = nodes.offsets[b]; i < nodes.offsets[b + 1]; ++i) {
      std::vector<std::tuple<float, std::uint32_t, std::int32_t>> others;
      for (std::uint32_t j = nodes.offsets[b]; j < nodes.offsets[b + 1]; ++j) {
        if (nodes.hit[i] == nodes.hit[j]) continue;
        float d2 = 0;
        for (const std::string& name : config.metric) {
          const float d =
              value_of(event.hits, name, nodes.hit[i]) - value_of(event.hits, name, nodes.hit[j]);
          d2 = d2 + d * d;
        }
        if (is_near(d2, config))
          others.emplace_back(d2, rank[nodes.hit[j]], static_cast<std::int32_t>(j));
      }
      std::sort(others.begin(), others.end());
      for (std::int32_t s = 0; s < config.k; ++s)
        table.push_back(s < static_cast<std::int32_t>(others.size()) ? std::get<2>(others[s])
                                                                     : no_neighbor);
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

GraphConfig config_with_radius(double radius, std::int32_t k, std::vector<std::string> metric) {
  GraphConfig config = config_with(k, std::move(metric));
  config.edges = EdgeKind::radius;
  config.radius = radius;
  return config;
}

GraphConfig fully_connected() {
  GraphConfig config;
  config.edges = EdgeKind::fully_connected;
  return config;
}

using Case = std::tuple<Grouping, GraphConfig>;
class Neighbors : public testing::TestWithParam<Case> {
 protected:
  [[nodiscard]] GraphConfig config() const {
    GraphConfig config = std::get<1>(GetParam());
    config.grouping = std::get<0>(GetParam());
    return config;
  }

  void expect_definition(const core::Event& event) const {
    const NodeTable nodes = make_nodes(event, config());
    const NeighborTable table = build_neighbors(event, nodes, config());
    EXPECT_EQ(table.k, has_table(config()) ? config().k : 0);
    EXPECT_EQ(table.index, reference(event, nodes, config())) << event.hits.size() << " hits";
  }
};

TEST_P(Neighbors, AreThoseOfTheDefinitionOnRandomEvents) {
  for (const std::size_t n_hits : {0U, 1U, 2U, 33U, 700U})
    expect_definition(test::random_event(n_hits, n_hits, 2));
}

TEST_P(Neighbors, AreThoseOfTheDefinitionOnALatticeOfTies) {
  for (const std::uint16_t tubes :
       std::initializer_list<std::uint16_t>{1, 2, 4, 12, 64}) {  // up to 512 hits in one group
    expect_definition(test::permuted(test::mdt_lattice(tubes), tubes).event);
    expect_definition(test::permuted(test::mdt_lattice_in_sectors(tubes), tubes).event);
  }
}

TEST_P(Neighbors, DoNotDependOnTheOrderOfHitsAndBuckets) {
  for (const core::Event& event :
       {test::random_event(5, 900, 2), test::mdt_lattice(20), test::mdt_lattice_in_sectors(70)}) {
    const NodeTable nodes = make_nodes(event, config());
    const auto table = build_neighbors(event, nodes, config());
    for (unsigned seed = 0; seed < 5; ++seed) {
      const auto [other, new_index] = test::permuted(event, seed);
      const NodeTable other_nodes = make_nodes(other, config());
      ASSERT_EQ(other_nodes.size(), nodes.size());
      for (std::size_t i = 0; i < nodes.size(); ++i)
        ASSERT_EQ(other_nodes.hit[i], new_index[nodes.hit[i]]);
      EXPECT_EQ(build_neighbors(other, other_nodes, config()).index, table.index);
    }
  }
}

std::string name_of(const testing::TestParamInfo<Case>& info) {
  const auto& [grouping, config] = info.param;
  std::string name = test::case_name(grouping, config.edges);
  if (!has_table(config)) return name;
  name += "_k" + std::to_string(config.k);
  if (config.edges == EdgeKind::radius)
    name += "_" + std::to_string(std::lround(10 * config.radius)) + "mm";
  for (const std::string& coordinate : config.metric) name += "_" + coordinate;
  return name;
}

const auto groupings = testing::Values(Grouping::bucket, Grouping::sector, Grouping::event);

INSTANTIATE_TEST_SUITE_P(
    Nearest, Neighbors,
    testing::Combine(groupings, testing::Values(config_with(16, {"localY", "localZ"}),
                                                config_with(1, {"localY"}),
                                                config_with(3, {"localX", "localY", "localZ"}),
                                                config_with(16, {"globX", "globY", "globZ"}),
                                                config_with(40, {"localZ", "localY"}),
                                                config_with(600, {"localY", "globZ"}))),
    name_of);

// 3 cm is the pitch of the lattice: its neighbors in the layer are just near enough.
INSTANTIATE_TEST_SUITE_P(
    InARadius, Neighbors,
    testing::Combine(groupings,
                     testing::Values(config_with_radius(3, 16, {"localY", "localZ"}),
                                     config_with_radius(10, 16, {"localY", "localZ"}),
                                     config_with_radius(25, 600, {"localY"}),
                                     config_with_radius(0.01, 4, {"localY", "localZ"}),
                                     config_with_radius(300, 8, {"globX", "globY", "globZ"}))),
    name_of);

INSTANTIATE_TEST_SUITE_P(FullyConnected, Neighbors,
                         testing::Combine(groupings, testing::Values(fully_connected())), name_of);

TEST(NeighborTable, RowsOfASmallGroupArePadded) {
  core::Event event = test::row_of_hits(4);
  test::set_buckets(event, {{2, 0, 1}});
  const GraphConfig config = config_with(3, {"localY"});
  const auto table = build_neighbors(event, make_nodes(event, config), config);
  // Nodes 0 to 2 at y = 0, 10, 20 mm; hit 3 is in no bucket. Node 1 is as far from 0 as from 2: the
  // lower channel first.
  EXPECT_EQ(table.index, (std::vector<std::int32_t>{1, 2, -1, 0, 2, -1, 1, 0, -1, -1, -1, -1}));
  EXPECT_EQ(table.n_nodes(), 4U);
  EXPECT_EQ(table.row(2)[0], 1);
}

TEST(NeighborTable, AnEventWithoutHitsHasNoRows) {
  const core::Event event;
  const GraphConfig config;
  EXPECT_EQ(build_neighbors(event, make_nodes(event, config), config).n_nodes(), 0U);
}

TEST(NeighborTable, MirroredHitsHaveNeighborsInEachBucket) {
  core::Event event = test::row_of_hits(3);
  test::set_buckets(event, {{0, 1}, {1, 2}});
  const GraphConfig config = config_with(2, {"localY"});
  const NodeTable nodes = make_nodes(event, config);
  EXPECT_EQ(nodes.hit, (std::vector<std::uint32_t>{0, 1, 1, 2}));
  EXPECT_EQ(build_neighbors(event, nodes, config).index,
            (std::vector<std::int32_t>{1, -1, 0, -1, 3, -1, 2, -1}));
}

TEST(NeighborTable, DistancesThatOverflowAreStillOrderedCanonically) {
  core::Event event = test::row_of_hits(3);
  event.hits.local_y = {-3e38F, 3e38F, 3e38F};
  test::set_buckets(event, {{0, 1, 2}});
  const GraphConfig config = config_with(2, {"localY"});
  EXPECT_EQ(build_neighbors(event, make_nodes(event, config), config).index,
            (std::vector<std::int32_t>{1, 2, 2, 0, 1, 0}));
}

TEST(NeighborTable, ManyEqualPointsInOneGroupAreOrderedCanonically) {
  core::Event event = test::row_of_hits(500);
  std::fill(event.hits.local_y.begin(), event.hits.local_y.end(), 1.0F);
  std::vector<std::uint32_t> all(500);
  for (std::uint32_t i = 0; i < 500; ++i) all[i] = i;
  test::set_buckets(event, {all});
  const GraphConfig config = config_with(2, {"localY"});
  const auto table = build_neighbors(event, make_nodes(event, config), config);
  EXPECT_EQ(table.row(0)[0], 1);
  EXPECT_EQ(table.row(0)[1], 2);
  EXPECT_EQ(table.row(499)[0], 0);
  EXPECT_EQ(table.row(499)[1], 1);
}

TEST(NeighborTable, OfARadiusHoldsTheNearestUpToAndWithTheRadius) {
  core::Event event = test::row_of_hits(5);  // 10 mm apart
  test::set_buckets(event, {{0, 1, 2, 3, 4}});
  const auto row_of_first = [&](double radius, std::int32_t k) {
    const GraphConfig config = config_with_radius(radius, k, {"localY"});
    const auto table = build_neighbors(event, make_nodes(event, config), config);
    const auto row = table.row(0);
    return std::vector<std::int32_t>(row.begin(), row.end());
  };
  EXPECT_EQ(row_of_first(2, 4), (std::vector<std::int32_t>{1, 2, -1, -1}));
  EXPECT_EQ(row_of_first(1.9999, 4), (std::vector<std::int32_t>{1, -1, -1, -1}));
  EXPECT_EQ(row_of_first(0.5, 4), (std::vector<std::int32_t>{-1, -1, -1, -1}));
  EXPECT_EQ(row_of_first(100, 2), (std::vector<std::int32_t>{1, 2}));
  EXPECT_EQ(row_of_first(1e30, 4), (std::vector<std::int32_t>{1, 2, 3, 4}));
}

TEST(NeighborTable, OfFullyConnectedGroupsIsEmpty) {
  const core::Event event = test::random_event(1, 50, 1);
  const GraphConfig config = fully_connected();
  const auto table = build_neighbors(event, make_nodes(event, config), config);
  EXPECT_EQ(table.k, 0);
  EXPECT_TRUE(table.index.empty());
  EXPECT_EQ(table.n_nodes(), 0U);
}

TEST(NeighborTable, AnUnknownCoordinateIsAConfigError) {
  const core::Event event = test::row_of_hits(2);
  EXPECT_EQ(test::config_error([&] {
              (void)build_neighbors(event, make_nodes(event, {}), config_with(2, {"localW"}));
            }),
            "graph.metric has the unknown coordinate \"localW\", allowed: localX, localY, "
            "localZ, globX, globY, globZ (did you mean localX?)");
}

}  // namespace
}  // namespace stationhit::graph
