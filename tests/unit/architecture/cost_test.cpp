#include <gtest/gtest.h>

#include <stationhit/architecture/cost.hpp>

#include "future_networks.hpp"

namespace stationhit::architecture {
namespace {

std::vector<std::string> eight_features() { return {"a", "b", "c", "d", "e", "f", "g", "h"}; }

Cost cost_of(const ModelConfig& config) {
  return compute_cost(describe_network(config, eight_features()));
}

TEST(Cost, ReferenceNetworkOfTheBenchmarks) {
  // 208 -> 64, three EdgeConv layers of two linear layers 64 -> 64, 64 -> 1, on 6,900 hits.
  const EventSize event{6900, {{"hits", {110400, 0, 0}}}};
  EXPECT_EQ(count_flops(describe_network(ModelConfig{}, eight_features()), event),
            6900ULL * (2 * 208 * 64 + 3 * 2 * 2 * 64 * 64 + 2 * 64));
}

TEST(Cost, SelfAttentionIsPerPair) {
  ModelConfig config;
  config.architecture = "edgeconv_attention";
  // 2 blocks of query times key and weights times values, 64 wide each.
  config.blocks = 2;
  EXPECT_EQ(cost_of(config).work.flops_per_pair, 2U * (2 * 64 + 2 * 64));
}

TEST(Cost, SecondMessageLayerIsPerEdgeForTheMaximumOnly) {
  ModelConfig config;
  config.message_layers = 2;
  EXPECT_EQ(cost_of(config).work.flops_per_edge, 3U * 2 * 64 * 64);
  config.aggregation = Aggregation::mean;
  EXPECT_EQ(cost_of(config).work.flops_per_edge, 0U);
}

TEST(Cost, OnlyTrainedNumbersAreParameters) {
  ModelConfig config;
  config.blocks = 0;
  config.width = 8;
  EXPECT_EQ(cost_of(config).parameters, 8U * 208 + 8 + 8 + 1);
}

TEST(Cost, BytesAreThoseOfAllTensors) {
  ModelConfig config;
  config.blocks = 0;
  config.width = 8;
  // With 8 means, 8 inverse deviations and 13 frequencies.
  EXPECT_EQ(cost_of(config).bytes, 4U * (8 * 208 + 8 + 8 + 1 + 8 + 8 + 13));
}

TEST(Cost, AfterACompactionTheWorkIsThatOfTheKeptRows) {
  const EventSize event{1000, {{"hits", {8000, 0, 100}}, {"survivors", {600, 0, 100}}}};
  const auto network = network_with_compaction();
  EXPECT_EQ(count_rows(network, "survivors", event), 200U);
  EXPECT_EQ(count_flops(network, event), 1000U * 2 * 2 * 8 + 200U * 2 * 16 * 32 + 600U * 32);
}

TEST(Cost, TokensAreOnePerGroup) {
  const EventSize event{1000, {{"hits", {0, 9000, 120}}, {"event", {0, 120 * 120, 1}}}};
  const auto network = network_with_tokens();
  EXPECT_EQ(count_rows(network, "buckets", event), 120U);
  EXPECT_EQ(count_flops(network, event), 120U * 120 * 4 * 16);
}

TEST(Cost, EveryGraphCountsItsOwnEdges) {
  const EventSize event{10, {{"hits", {100, 0, 1}}, {"stations", {20, 0, 1}}}};
  EXPECT_EQ(count_flops(network_with_two_graphs(), event), 3U * 100 + 5U * 20);
}

TEST(Cost, SizesOfAllGraphsAndRowSetsAreNeeded) {
  EXPECT_THROW(static_cast<void>(count_flops(network_with_two_graphs(), {10, {}})),
               std::out_of_range);
  EXPECT_THROW(static_cast<void>(count_rows(network_with_two_graphs(), "tokens", {10, {}})),
               std::out_of_range);
}

}  // namespace
}  // namespace stationhit::architecture
