#include <gtest/gtest.h>

#include <stationhit/features/inputs.hpp>

#include "support/random_event.hpp"
#include "unit/graph/example_events.hpp"

namespace stationhit::features {
namespace {

TEST(Inputs, AreNodesFeaturesAndNeighbors) {
  const core::Event event = test::random_event(9, 400, 2);
  const std::vector<std::string> names{"localY", "isolation"};
  graph::GraphConfig config;
  config.k = 5;
  const EventInputs inputs = build_inputs(event, config, names);
  const graph::NodeTable nodes = graph::make_nodes(event, config);
  EXPECT_EQ(inputs.nodes.hit, nodes.hit);
  EXPECT_EQ(inputs.nodes.offsets, nodes.offsets);
  EXPECT_EQ(inputs.features.names, names);
  EXPECT_EQ(inputs.features.values, compute_features(event, nodes, names).values);
  EXPECT_EQ(inputs.neighbors.k, 5);
  EXPECT_EQ(inputs.neighbors.index, graph::build_neighbors(event, nodes, config).index);
}

TEST(Inputs, NeighborsCanBeLeftOutAndTheRestIsTheSame) {
  const core::Event event = test::random_event(9, 400, 2);
  const std::vector<std::string> names{"localY", "isolation"};
  const EventInputs with = build_inputs(event, {}, names);
  const EventInputs without = build_inputs(event, {}, names, Neighbors::leave_out);
  EXPECT_EQ(without.nodes.hit, with.nodes.hit);
  EXPECT_EQ(without.nodes.offsets, with.nodes.offsets);
  EXPECT_EQ(without.features.values, with.features.values);
  EXPECT_FALSE(with.neighbors.index.empty());
  EXPECT_TRUE(without.neighbors.index.empty());
}

TEST(Inputs, OfAnEventWithoutHitsAreEmpty) {
  const std::vector<std::string> names{"localY"};
  const EventInputs inputs = build_inputs({}, {}, names);
  EXPECT_EQ(inputs.nodes.size(), 0U);
  EXPECT_TRUE(inputs.features.values.empty());
  EXPECT_TRUE(inputs.neighbors.index.empty());
}

TEST(NodeLabels, AreOneForEveryNodeOfAHitOfAMuon) {
  core::Event event = test::row_of_hits(4);
  event.hits.truth_link = {0, core::no_muon, 3, core::no_muon};
  test::set_buckets(event, {{0, 1, 2}, {2, 3}});
  EXPECT_EQ(node_labels(event, graph::make_nodes(event, {})),
            (std::vector<std::uint8_t>{1, 0, 1, 1, 0}));
}

}  // namespace
}  // namespace stationhit::features
