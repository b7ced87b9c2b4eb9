#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <gtest/gtest.h>

#include <stationhit/features/features.hpp>

#include "support/random_event.hpp"
#include "unit/graph/example_events.hpp"
#include "unit/graph/permuted_event.hpp"

namespace stationhit::features {
namespace {

std::vector<float> feature(const core::Event& event, const std::string& name) {
  const std::vector<std::string> names{name};
  return compute_features(event, graph::make_nodes(event, {}), names).values;
}

template <class Visit>
void for_each_group(const graph::NodeTable& nodes, Visit visit) {
  for (std::size_t b = 0; b < nodes.n_groups(); ++b) {
    std::vector<std::uint32_t> group;
    for (std::uint32_t i = nodes.offsets[b]; i < nodes.offsets[b + 1]; ++i) group.push_back(i);
    visit(b, group);
  }
}

TEST(Neighbors, CountOtherHitsStrictlyCloserThanHalfAMeterInXAndY) {
  core::Event event = test::row_of_hits(6);
  // 300-400-500 triangle: hit 1 at exactly 500 mm of hit 0, hit 2 just inside; localZ does not
  // count; hit 4 is far, hit 5 in another bucket.
  event.hits.local_x = {0.0F, 300.0F, 299.9F, 0.0F, 5000.0F, 0.0F};
  event.hits.local_y = {0.0F, 400.0F, 400.0F, 0.0F, 0.0F, 0.0F};
  event.hits.local_z = {0.0F, 0.0F, 0.0F, 9000.0F, 0.0F, 0.0F};
  test::set_buckets(event, {{0, 1, 2, 3, 4}, {5}});
  EXPECT_EQ(feature(event, "neighbors"), (std::vector<float>{2, 1, 3, 2, 0, 0}));
}

TEST(Neighbors, AreThoseOfTheDefinitionOnRandomEvents) {
  const core::Event event = test::random_event(2, 1500, 2);
  const graph::NodeTable nodes = graph::make_nodes(event, {});
  std::vector<float> expected(nodes.size());
  for_each_group(nodes, [&](std::size_t, const auto& group) {
    for (const auto i : group)
      for (const auto j : group) {
        const float dx = event.hits.local_x[nodes.hit[i]] - event.hits.local_x[nodes.hit[j]];
        const float dy = event.hits.local_y[nodes.hit[i]] - event.hits.local_y[nodes.hit[j]];
        if (i != j && dx * dx + dy * dy < 250000.0F) expected[i] += 1;
      }
  });
  EXPECT_EQ(feature(event, "neighbors"), expected);
}

TEST(BucketDensity, IsHitsPerRangeOfTheFileButAtLeastOneCentimeter) {
  core::Event event = test::row_of_hits(6);
  test::set_buckets(event, {{0, 1, 2}, {3, 4}});
  event.buckets.x_min = {-200.0F, 7.0F};
  event.buckets.x_max = {400.0F, 9.0F};
  EXPECT_EQ(feature(event, "bucket_density"),
            (std::vector<float>{0.005F, 0.005F, 0.005F, 0.2F, 0.2F, 0.1F}));
}

TEST(Isolation, IsNeighborsOverDensity) {
  core::Event event = test::row_of_hits(4);
  event.hits.local_y = {0.0F, 450.0F, 900.0F, 5000.0F};
  test::set_buckets(event, {{0, 1, 2, 3}});
  event.buckets.x_max = {1000.0F};
  const float density = 4.0F / 1000.0F;
  EXPECT_EQ(feature(event, "isolation"),
            (std::vector<float>{1 / density, 2 / density, 1 / density, 0}));
}

TEST(RelativeLayer, CountsMdtLayersFirstThenByMedianZ) {
  core::Event event = test::row_of_hits(8);
  core::HitTable& hits = event.hits;
  //                     MDT layer 2       MDT 1  RPC station 2, gap 1     gap 2    RPC station 3,
  //                     gap 1
  hits.technology = {0, 0, 0, 0, 2, 2, 2, 2};
  hits.layer = {2, 2, 2, 1, 1, 1, 2, 1};
  hits.station_index = {2, 2, 2, 2, 2, 2, 2, 3};
  hits.local_z = {30.0F, -50.0F, 20.0F, 25.0F, -400.0F, -100.0F, -300.0F, -200.0F};
  test::set_buckets(event, {{0, 1, 2, 3, 4, 5, 6, 7}});
  // Medians: MDT 2 -> 20, MDT 1 -> 25, RPC (2, 1) -> -250, RPC (2, 2) -> -300, RPC (3, 1) -> -200.
  const std::map<std::uint32_t, float> expected{{0, 1 / 5.0F}, {1, 1 / 5.0F}, {2, 1 / 5.0F},
                                                {3, 2 / 5.0F}, {4, 4 / 5.0F}, {5, 4 / 5.0F},
                                                {6, 3 / 5.0F}, {7, 5 / 5.0F}};
  const graph::NodeTable nodes = graph::make_nodes(event, {});
  const std::vector<float> values = feature(event, "relative_layer");
  for (std::size_t i = 0; i < nodes.size(); ++i)
    EXPECT_EQ(values[i], expected.at(nodes.hit[i])) << nodes.hit[i];
}

TEST(RelativeLayer, IsThatOfTheDefinitionOnRandomEvents) {
  const core::Event event = test::random_event(4, 1500, 2);
  const core::HitTable& hits = event.hits;
  const graph::NodeTable nodes = graph::make_nodes(event, {});
  std::vector<float> expected(nodes.size());
  for_each_group(nodes, [&](std::size_t, const auto& group) {
    using Key = std::tuple<bool, int, int, int>;
    const auto key = [&](auto i) {
      const auto h = nodes.hit[i];
      return Key{hits.technology[h] != 0, hits.technology[h], hits.station_index[h], hits.layer[h]};
    };
    std::map<Key, std::vector<double>> z;
    for (const auto i : group) z[key(i)].push_back(hits.local_z[nodes.hit[i]]);
    std::set<std::tuple<bool, double, Key>> layers;
    for (auto& [k, values] : z) {
      std::sort(values.begin(), values.end());
      layers.emplace(std::get<0>(k),
                     (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2, k);
    }
    float rank = 0;
    for (const auto& [strip, median, k] : layers) {
      ++rank;
      for (const auto i : group)
        if (key(i) == k) expected[i] = rank / static_cast<float>(layers.size());
    }
  });
  EXPECT_EQ(feature(event, "relative_layer"), expected);
}

TEST(GroupFeatures, DoNotDependOnTheOrderOfHitsAndBuckets) {
  std::vector<std::string> names;
  for (const FeatureInfo& info : known_features()) names.push_back(info.name);
  for (const core::Event& event : {test::random_event(5, 900, 2), test::mdt_lattice(20)}) {
    const auto table = compute_features(event, graph::make_nodes(event, {}), names);
    for (unsigned seed = 0; seed < 5; ++seed) {
      const core::Event other = test::permuted(event, seed).event;
      EXPECT_EQ(compute_features(other, graph::make_nodes(other, {}), names).values, table.values);
    }
  }
}

}  // namespace
}  // namespace stationhit::features
