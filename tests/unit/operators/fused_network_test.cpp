// What the operator promises beside the logits of exported files, which tests/unit/exporter
// compares: any order of the nodes gives the same, wrong inputs are refused, nothing is allocated
// once it is warm.
#include "../../../src/operators/fused_network.hpp"

#include <algorithm>
#include <limits>
#include <random>
#include <stdexcept>

#include <gtest/gtest.h>
#include <support/counted_allocations.hpp>
#include <support/expected_error.hpp>
#include <support/side_by_side.hpp>
#include <unit/engine/random_weights.hpp>

#include <stationhit/architecture/model_config_json.hpp>
#include <stationhit/graph/graph_config.hpp>

namespace stationhit::operators {
namespace {

constexpr std::int32_t k = 5;

std::vector<std::string> feature_names() { return {"localX", "localY", "driftR"}; }

architecture::ModelConfig config_of(const std::string& architecture) {
  architecture::ModelConfig config;
  config.architecture = architecture;
  config.width = 16;
  config.blocks = 2;
  config.bands = 2;
  config.encoding.scales = {-2, -1, 0, 1};
  return config;
}

FusedNetwork make_network(const std::string& architecture, graph::EdgeKind edges,
                          const std::vector<InputRole>& inputs) {
  const architecture::ModelConfig config = config_of(architecture);
  graph::GraphConfig graph;
  graph.edges = edges;
  graph.k = k;
  return {{architecture::to_json(config), graph::to_json(graph), feature_names(), inputs},
          test::RandomWeights(architecture::describe_network(config, feature_names())).take()};
}

// The tensors of a call: groups of 1, 2, ..., 6 nodes again and again, with slots in the order
// `nodes` of its nodes.
struct Call {
  std::vector<float> features;
  std::vector<std::int32_t> neighbors, slots, slot_of_node;
  std::vector<std::int64_t> edges;
  std::size_t n = 0;
  static constexpr std::size_t longest = 6;

  explicit Call(std::size_t n_nodes) : n(n_nodes) {
    std::mt19937_64 random(n_nodes);
    std::uniform_real_distribution<float> uniform(-3, 3);
    for (std::size_t i = 0; i < n * feature_names().size(); ++i)
      features.push_back(uniform(random));
    for (std::size_t i = 0; i < n * k; ++i)
      neighbors.push_back(static_cast<std::int32_t>(random() % (n + 1)) - 1);
    std::vector<std::int64_t> destinations;
    for (std::size_t first = 0, size = 1; first < n; first += size, size = size % longest + 1) {
      const std::size_t end = std::min(n, first + size);
      for (std::size_t node = first; node < first + longest; ++node) {
        if (node < end) slot_of_node.push_back(static_cast<std::int32_t>(slots.size()));
        slots.push_back(node < end ? static_cast<std::int32_t>(node) : -1);
      }
      for (std::size_t a = first; a < end; ++a) {
        for (std::size_t b = first; b < end; ++b) {
          if (a == b) continue;
          edges.push_back(static_cast<std::int64_t>(a));
          destinations.push_back(static_cast<std::int64_t>(b));
        }
      }
    }
    edges.insert(edges.end(), destinations.begin(), destinations.end());
  }

  [[nodiscard]] CallInputs inputs() const {
    const std::size_t n_edges = edges.size() / 2;
    return {{features.data(), n, feature_names().size()},
            {neighbors.data(), n, k},
            {slots.data(), slots.size() / longest, longest},
            slot_of_node,
            {},
            std::span(edges).first(n_edges),
            std::span(edges).subspan(n_edges)};
  }

  // Node i becomes order[i].
  [[nodiscard]] Call permuted(const std::vector<std::size_t>& order) const {
    Call other(*this);
    std::vector<std::int32_t> place(n);
    for (std::size_t i = 0; i < n; ++i) place[order[i]] = static_cast<std::int32_t>(i);
    const auto moved = [&](std::int32_t node) {
      return node < 0 ? -1 : place[static_cast<std::size_t>(node)];
    };
    for (std::size_t i = 0; i < n; ++i) {
      std::copy_n(features.begin() + static_cast<std::ptrdiff_t>(order[i] * 3), 3,
                  other.features.begin() + static_cast<std::ptrdiff_t>(i * 3));
      for (std::size_t j = 0; j < k; ++j)
        other.neighbors[i * k + j] = moved(neighbors[order[i] * k + j]);
      other.slot_of_node[i] = slot_of_node[order[i]];
    }
    std::ranges::transform(slots, other.slots.begin(), moved);
    return other;
  }
};

std::vector<float> logits_of(const FusedNetwork& network, const CallInputs& inputs) {
  std::vector<float> logits(inputs.features.rows);
  network.run(inputs, logits);
  return logits;
}

constexpr InputRole features = InputRole::features, slots = InputRole::slots,
                    slot_of_node = InputRole::slot_of_node, neighbors = InputRole::neighbors,
                    edges = InputRole::edges;

TEST(FusedNetwork, AnyOrderOfTheNodesGivesTheSameLogits) {
  const Call call(100);
  std::vector<std::size_t> order(call.n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::shuffle(order, std::mt19937_64(3));
  const Call other = call.permuted(order);
  for (const bool by_groups : {true, false}) {
    const FusedNetwork network = by_groups
                                     ? make_network("edgeconv", graph::EdgeKind::fully_connected,
                                                    {features, slots, slot_of_node})
                                     : make_network("edgeconv_attention", graph::EdgeKind::knn,
                                                    {features, neighbors, slots, slot_of_node});
    const auto expected = logits_of(network, call.inputs());
    const auto logits = logits_of(network, other.inputs());
    for (std::size_t i = 0; i < call.n; ++i) EXPECT_EQ(logits[i], expected[order[i]]) << i;
  }
}

TEST(FusedNetwork, AListOfAllEdgesGivesTheGroupsOfTheSlots) {
  const Call call(100);
  const auto kind = graph::EdgeKind::fully_connected;
  EXPECT_EQ(logits_of(make_network("edgeconv_gat", kind, {features, edges}), call.inputs()),
            logits_of(make_network("edgeconv_gat", kind, {features, slots, slot_of_node}),
                      call.inputs()));
}

TEST(FusedNetwork, NoNodes) {
  const FusedNetwork network =
      make_network("edgeconv", graph::EdgeKind::knn, {features, neighbors});
  EXPECT_TRUE(logits_of(network, Call(0).inputs()).empty());
}

TEST(FusedNetwork, AllocatesNothingOnceItIsWarm) {
  const Call large(300), small(150);
  const CallInputs of_large = large.inputs(), of_small = small.inputs();
  std::vector<float> logits(300), few_logits(150);
  for (const std::vector<InputRole>& roles :
       {std::vector{features, slots, slot_of_node}, {features, edges}}) {
    const FusedNetwork network = make_network("edgeconv", graph::EdgeKind::fully_connected, roles);
    network.run(of_large, logits);
    EXPECT_EQ(test::count_allocations([&] {
                network.run(of_small, few_logits);
                network.run(of_large, logits);
              }),
              0U);
  }
}

TEST(FusedNetwork, ServesSeveralThreadsAtOnce) {
  const FusedNetwork network =
      make_network("edgeconv", graph::EdgeKind::knn, {features, neighbors});
  const std::vector<Call> calls{Call(50), Call(120), Call(200), Call(90)};
  std::vector<std::vector<float>> alone, together(calls.size());
  for (const Call& call : calls) alone.push_back(logits_of(network, call.inputs()));
  test::run_side_by_side(calls.size(), [&](std::size_t c) {
    for (int i = 0; i < 20; ++i) together[c] = logits_of(network, calls[c].inputs());
  });
  EXPECT_EQ(together, alone);
}

std::string refusal(const FusedNetwork& network, const CallInputs& inputs) {
  return test::expected_error<std::invalid_argument>([&] { (void)logits_of(network, inputs); });
}

TEST(FusedNetwork, RefusesWrongInputs) {
  const FusedNetwork network =
      make_network("edgeconv", graph::EdgeKind::knn, {features, neighbors});
  Call call(20);
  CallInputs inputs = call.inputs();
  inputs.neighbors.columns = inputs.neighbors.stride = 4;
  EXPECT_EQ(refusal(network, inputs), "neighbours has 4 columns, the network takes k = 5");
  inputs = call.inputs();
  inputs.neighbors.rows = 19;
  EXPECT_EQ(refusal(network, inputs), "neighbours has 19 entries for 20 nodes");
  inputs = call.inputs();
  inputs.features = {call.features.data(), 20, 2};
  EXPECT_EQ(refusal(network, inputs),
            "features has 2 columns, the network takes 3: localX, localY, driftR");
  call.neighbors[17] = 20;
  EXPECT_EQ(refusal(network, call.inputs()),
            "neighbours[3, 2] = 20, expected -1 or a node, 0 to 20 - 1");
  call.features[8] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(refusal(network, call.inputs()),
            "features[2, 2] (driftR) is nan, expected finite numbers; leave such a hit out of the "
            "call");
}

TEST(FusedNetwork, ItsInputsMustTellWhatTheNetworkNeeds) {
  const auto message = [](const std::vector<InputRole>& inputs) {
    return test::expected_error<std::invalid_argument>(
        [&] { (void)make_network("edgeconv_attention", graph::EdgeKind::knn, inputs); });
  };
  for (const std::vector<InputRole>& inputs : {std::vector{features},
                                               {features, neighbors},
                                               {features, slots, slot_of_node},
                                               {features, edges},
                                               {neighbors, slots, slot_of_node}})
    EXPECT_EQ(message(inputs), "its inputs do not tell what the network needs");
}

}  // namespace
}  // namespace stationhit::operators
