// A builder that has seen other events makes what a new one makes, and allocates nothing.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <stationhit/features/input_builder.hpp>

#include "support/counted_allocations.hpp"
#include "support/random_event.hpp"

namespace stationhit::features {
namespace {

std::vector<std::string> all_features() {
  std::vector<std::string> names;
  for (const FeatureInfo& info : known_features()) names.push_back(info.name);
  return names;
}

void expect_equal(const EventInputs& inputs, const EventInputs& expected) {
  EXPECT_EQ(inputs.nodes.hit, expected.nodes.hit);
  EXPECT_EQ(inputs.nodes.offsets, expected.nodes.offsets);
  EXPECT_EQ(inputs.nodes.y_min, expected.nodes.y_min);
  EXPECT_EQ(inputs.nodes.y_max, expected.nodes.y_max);
  EXPECT_EQ(inputs.features.names, expected.features.names);
  EXPECT_EQ(inputs.features.values, expected.features.values);
  EXPECT_EQ(inputs.neighbors.k, expected.neighbors.k);
  EXPECT_EQ(inputs.neighbors.index, expected.neighbors.index);
}

struct Case {
  std::string name;
  graph::GraphConfig config;
};

std::vector<Case> cases() {
  std::vector<Case> list;
  for (const auto grouping :
       {graph::Grouping::bucket, graph::Grouping::sector, graph::Grouping::event}) {
    for (const auto edges :
         {graph::EdgeKind::knn, graph::EdgeKind::radius, graph::EdgeKind::fully_connected}) {
      graph::GraphConfig config;
      config.grouping = grouping;
      config.edges = edges;
      config.k = grouping == graph::Grouping::sector ? 40 : 16;
      const std::string name(names_of(grouping)[static_cast<std::size_t>(grouping)]);
      list.push_back(
          {name + "_" + std::string(names_of(edges)[static_cast<std::size_t>(edges)]), config});
    }
  }
  return list;
}

class InputBuilderOf : public testing::TestWithParam<Case> {};

TEST_P(InputBuilderOf, MakesForEveryEventWhatANewOneMakes) {
  const std::vector<std::string> names = all_features();
  const graph::GraphConfig& config = GetParam().config;
  InputBuilder builder(config, names);
  EventInputs inputs;
  for (const std::size_t n_hits : {900, 30, 0, 1, 1400, 300}) {
    core::Event event = test::random_event(n_hits + 1, n_hits, 2);
    if (n_hits == 300) event.buckets = {};
    builder.build(event, inputs);
    expect_equal(inputs, build_inputs(event, config, names));
  }
}

TEST_P(InputBuilderOf, AllocatesNothingOnceItHasSeenTheEvent) {
  InputBuilder builder(GetParam().config, all_features());
  const core::Event event = test::random_event(3, 900, 2);
  EventInputs inputs;
  builder.build(event, inputs);
  EXPECT_EQ(test::count_allocations([&] { builder.build(event, inputs); }), 0U);
}

INSTANTIATE_TEST_SUITE_P(Graph, InputBuilderOf, testing::ValuesIn(cases()),
                         [](const auto& one) { return one.param.name; });

TEST(InputBuilder, LeavesNeighborsOut) {
  const std::vector<std::string> names{"localY"};
  EventInputs inputs;
  InputBuilder({}, names, Neighbors::leave_out).build(test::random_event(3, 90, 2), inputs);
  EXPECT_TRUE(inputs.neighbors.index.empty());
  EXPECT_FALSE(inputs.nodes.hit.empty());
}

}  // namespace
}  // namespace stationhit::features
