// What the operator makes of tables of slots and lists of edges, and what it refuses.
#include "../../../src/operators/graph_inputs.hpp"

#include <stdexcept>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

namespace stationhit::operators {
namespace {

template <class Call>
std::string refusal(Call&& call) {
  return test::expected_error<std::invalid_argument>(call);
}

TEST(CheckNeighbors, PaddingAndNodesOnly) {
  const std::vector<std::int32_t> right{1, -1, -1, 0};
  EXPECT_NO_THROW(check_neighbors({right.data(), 2, 2}));
  const std::vector<std::int32_t> above{1, -1, 2, 0}, below{1, -2, -1, 0};
  EXPECT_EQ(refusal([&] {
              check_neighbors({above.data(), 2, 2});
            }),
            "neighbours[1, 0] = 2, expected -1 or a node, 0 to 2 - 1");
  EXPECT_EQ(refusal([&] {
              check_neighbors({below.data(), 2, 2});
            }),
            "neighbours[0, 1] = -2, expected -1 or a node, 0 to 2 - 1");
}

struct Slots {
  std::vector<std::int32_t> slots, slot_of_node;
  std::size_t longest;
  NodeOrder order = {};

  void arrange() {
    order_by_slots({slots.data(), slots.size() / longest, longest}, slot_of_node, order);
  }
};

TEST(OrderBySlots, NodesInTheOrderOfTheirGroupsStayWhereTheyAre) {
  Slots slots{{0, 1, -1, 2, -1, -1, 3, 4, 5}, {0, 1, 3, 6, 7, 8}, 3};
  slots.arrange();
  EXPECT_TRUE(slots.order.is_given);
  EXPECT_EQ(slots.order.offsets, (std::vector<std::int64_t>{0, 2, 3, 6}));
}

TEST(OrderBySlots, EmptyGroupsAreLeftOut) {
  Slots slots{{-1, -1, 0, 1, -1, -1, 2, -1, -1, -1}, {2, 3, 6}, 2};
  slots.arrange();
  EXPECT_EQ(slots.order.offsets, (std::vector<std::int64_t>{0, 2, 3}));
  Slots nothing{{-1, -1}, {}, 2};
  nothing.arrange();
  EXPECT_EQ(nothing.order.offsets, std::vector<std::int64_t>{0});
}

TEST(OrderBySlots, OtherOrdersAreSorted) {
  Slots slots{{3, -1, 0, 2, 1, -1}, {2, 4, 3, 0}, 2};
  slots.arrange();
  EXPECT_FALSE(slots.order.is_given);
  EXPECT_EQ(slots.order.nodes, (std::vector<std::int32_t>{3, 0, 2, 1}));
  EXPECT_EQ(slots.order.rows, (std::vector<std::int32_t>{1, 3, 2, 0}));
  EXPECT_EQ(slots.order.offsets, (std::vector<std::int64_t>{0, 1, 3, 4}));
}

TEST(OrderBySlots, RefusesTablesThatContradictThemselves) {
  const auto message = [](Slots slots) { return refusal([&] { slots.arrange(); }); };
  EXPECT_EQ(message({{0, 1, 2, -1}, {0, 1}, 2}),
            "slots[1, 0] = 2, expected -1 or a node, 0 to 2 - 1");
  EXPECT_EQ(message({{0, 1, -1, -1}, {0, 2}, 2}),
            "slot_of_node[1] = 2, which is not the place of node 1 in slots");
  EXPECT_EQ(message({{0, 1, -1, -1}, {0, 4}, 2}),
            "slot_of_node[1] = 4, which is not the place of node 1 in slots");
  EXPECT_EQ(message({{0, 1, 1, -1}, {0, 1}, 2}),
            "slots names 3 nodes, expected each of the 2 nodes once");
}

struct Edges {
  std::vector<std::int64_t> sources, destinations;
  std::size_t n_nodes;
  CallMemory memory = {};

  void make_groups() { groups_of_edges({sources, destinations, n_nodes}, memory); }
  void make_table(std::size_t k) { table_of_edges({sources, destinations, n_nodes}, k, memory); }
};

TEST(GroupsOfEdges, InOneDirectionOrBoth) {
  Edges one{{0, 0, 2, 4}, {1, 2, 1, 5}, 6},
      both{{0, 1, 0, 2, 1, 2, 4, 5}, {1, 0, 2, 0, 2, 1, 5, 4}, 6};
  for (Edges* edges : {&one, &both}) {
    edges->make_groups();
    EXPECT_TRUE(edges->memory.order.is_given);
    EXPECT_EQ(edges->memory.order.offsets, (std::vector<std::int64_t>{0, 3, 4, 6}));
  }
}

TEST(GroupsOfEdges, NoEdgesAreGroupsOfOneNode) {
  Edges edges{{}, {}, 3};
  edges.make_groups();
  EXPECT_EQ(edges.memory.order.offsets, (std::vector<std::int64_t>{0, 1, 2, 3}));
}

TEST(GroupsOfEdges, RefusesAnyOtherList) {
  const auto message = [](Edges edges) { return refusal([&] { edges.make_groups(); }); };
  EXPECT_EQ(message({{0, 0}, {1, 2}, 3}),
            "edge_index: node 2 has 1 edges to lower nodes, the lowest of them 0; expected all "
            "edges between the nodes of a group, which stand side by side, here one or two to each "
            "of the nodes from 0 on");
  EXPECT_CONTAINS(message({{0}, {2}, 3}), "edge_index: node 2 has 1 edges");
  EXPECT_EQ(message({{0, 3}, {1, 1}, 3}), "edge_index[0, 1] = 3, expected a node, 0 to 3 - 1");
  EXPECT_EQ(message({{0}, {-1}, 3}), "edge_index[1, 0] = -1, expected a node, 0 to 3 - 1");
}

TEST(TableOfEdges, EveryDestinationHasItsSources) {
  Edges edges{{1, 2, 0, 2}, {0, 0, 2, 1}, 3};
  edges.make_table(2);
  EXPECT_EQ(edges.memory.neighbors, (std::vector<std::int32_t>{1, 2, 2, -1, 0, -1}));
  EXPECT_EQ(refusal([&] { edges.make_table(1); }),
            "edge_index: node 0 is the destination of more than 1 edges, which is k of the "
            "network");
}

TEST(NumberEvents, WithoutGaps) {
  std::vector<std::int32_t> events;
  number_events(std::vector<std::int32_t>{1, 1, 4, 2000000000}, events);
  EXPECT_EQ(events, (std::vector<std::int32_t>{0, 0, 1, 2}));
  EXPECT_EQ(refusal([&] {
              number_events(std::vector<std::int32_t>{0, 2, 1}, events);
            }),
            "event_of_node[2] = 1, expected numbers that ascend from 0");
  EXPECT_EQ(refusal([&] { number_events(std::vector<std::int32_t>{-1}, events); }),
            "event_of_node[0] = -1, expected numbers that ascend from 0");
}

}  // namespace
}  // namespace stationhit::operators
